package io.tributary.campaign.web;

import io.tributary.access.Caller;
import io.tributary.access.RequiresScope;
import io.tributary.access.Scopes;
import io.tributary.campaign.store.DeliveryStore;
import io.tributary.web.Problem;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Single deliveries. */
@RestController
@RequestMapping("/api/v1/deliveries")
public class DeliveryEndpoint {
  private final DeliveryStore deliveries;

  /** The endpoint. */
  public DeliveryEndpoint(DeliveryStore deliveries) {
    this.deliveries = deliveries;
  }

  /** A delivery: what triggered it and what became of it. */
  @GetMapping("/{id}")
  @RequiresScope(Scopes.CAMPAIGNS_READ)
  DeliveryStore.Delivery read(Caller caller, @PathVariable String id) {
    return deliveries
        .find(caller.workspaceId(), id)
        .orElseThrow(() -> Problem.notFound("There is no delivery " + id + "."));
  }
}
