/**
 * The segment language: its conditions as data, their JSON, what they mean in memory and what they
 * mean in SQL.
 *
 * <p>What both meanings agree on:
 *
 * <ul>
 *   <li>A value is <b>missing</b> when its path leads nowhere, to JSON null, or to empty text.
 *       Missing satisfies every negated operator (not_equals, not_in, not_contains, not_exists,
 *       not_within_last) and no other one.
 *   <li><b>Equality</b>: two values which both read as decimals compare as numbers, so 10 equals
 *       "10" and "10.0". A text reads as a decimal when it is written as JSON writes numbers,
 *       without exponent and with at most 30 digits on either side of the point; "007" and "+49"
 *       are therefore texts. All else compares as text, with case. A boolean equals the texts
 *       "true" and "false". Objects and arrays equal nothing.
 *   <li><b>contains</b>: a text contains a text ignoring case (simple Unicode case mapping, one
 *       character to one), an array contains an element that equals; numbers, booleans and objects
 *       contain nothing.
 *   <li><b>Dates</b>: {@code 2026-01-31} (the start of that day in UTC), {@code 2026-01-31T10:00Z}
 *       with optional seconds and fraction and with {@code Z} or an offset up to 14 hours, or a
 *       JSON number: seconds since 1970 when its amount is below 100 000 000 000, else milliseconds
 *       (below 250 000 000 000 000). Finer than a microsecond is cut off. A time of day without
 *       offset is not a date.
 *   <li><b>Windows</b> roll: a moment {@code at} lies inside the window W at {@code now} when
 *       {@code now - W < at <= now}. A moment in the future lies in no window, and an event in the
 *       future has not happened yet, until its time comes.
 * </ul>
 */
@NullMarked
package io.tributary.conditions;

import org.jspecify.annotations.NullMarked;
