package io.tributary.demo;

import java.util.ArrayList;
import java.util.List;

/** Somebody who has an account at the shop, and what the shop's systems will say about them. */
final class Customer {
  final int number;
  final String firstName;
  final String country;
  int events;
  final List<Integer> orderAges = new ArrayList<>();

  Customer(int number, String firstName, String country) {
    this.number = number;
    this.firstName = firstName;
    this.country = country;
  }

  String userId() {
    return "customer-" + number;
  }

  String email() {
    return firstName.toLowerCase(java.util.Locale.ROOT) + "." + number + "@shop.example";
  }

  String browser() {
    return "browser-" + number;
  }

  /** Orders whose age in days is below the given one. */
  long ordersWithin(int days) {
    return orderAges.stream().filter(age -> age < days).count();
  }
}
