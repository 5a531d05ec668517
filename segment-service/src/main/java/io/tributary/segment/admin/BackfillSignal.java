package io.tributary.segment.admin;

/** Says that there is work for the backfill. */
public record BackfillSignal(Runnable wake) {}
