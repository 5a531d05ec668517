package io.tributary.campaign.admin;

import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of {@code campaign.campaign}; deleted ones are never seen. */
interface CampaignRows extends Repository<Campaign, String> {
  Campaign saveAndFlush(Campaign campaign);

  @Query(
      "select c from Campaign c where c.workspaceId = :workspaceId and c.id = :id"
          + " and c.deletedAt is null")
  Optional<Campaign> find(String workspaceId, String id);

  @Query(
      "select c from Campaign c where c.workspaceId = :workspaceId and c.deletedAt is null"
          + " and c.id > :after order by c.id")
  List<Campaign> page(String workspaceId, String after, Limit limit);
}
