package io.tributary.web;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings {@code tributary.web}.
 *
 * @param maxBody the largest body that an endpoint below {@code /api} accepts
 */
@ConfigurationProperties(value = "tributary.web", ignoreUnknownFields = false)
record WebProperties(@DefaultValue("1MB") DataSize maxBody) {}
