package io.tributary.ingestion.admin;

import jakarta.persistence.MappedSuperclass;
import jakarta.persistence.PostLoad;
import jakarta.persistence.PostPersist;
import jakarta.persistence.Transient;
import org.springframework.data.domain.Persistable;

/** A row whose id is assigned by us, so that a new one isn't looked for before it's written. */
@MappedSuperclass
public abstract class AssignedId implements Persistable<String> {
  @Transient private boolean stored;

  @Override
  public boolean isNew() {
    return !stored;
  }

  @PostLoad
  @PostPersist
  void nowStored() {
    stored = true;
  }
}
