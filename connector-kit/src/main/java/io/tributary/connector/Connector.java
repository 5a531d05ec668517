package io.tributary.connector;

import java.util.Map;

/**
 * A kind of system that messages can be delivered to. There is one instance in a process, used by
 * several threads; it has a constructor without parameters, which must do nothing that can fail.
 */
public interface Connector {
  /** What people call it by in a destination: 1 to 40 small letters, digits and hyphens. */
  String name();

  /**
   * What is wrong with settings. Called whenever somebody writes a destination and whenever work on
   * it begins; it answers at once and connects to nothing.
   *
   * @param settings as people wrote them; texts only
   * @return by the setting's name what is wrong and what to do; also for names that it doesn't
   *     know, which are mistakes. Empty if nothing is
   */
  Map<String, String> check(Map<String, String> settings);

  /**
   * Begins to deliver. For one destination there is one outlet at work at a time in all processes,
   * save that another one may have been made elsewhere while this one sleeps. Whoever tests a
   * destination has one opened beside it, and closed.
   *
   * @param settings that {@link #check} has nothing against
   * @param secret empty if none was given; not to be told to anybody, in no log and no code
   * @throws Exception whatever it is, it's tried again later
   */
  Outlet open(Map<String, String> settings, String secret) throws Exception;
}
