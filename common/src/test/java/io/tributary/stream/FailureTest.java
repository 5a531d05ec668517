package io.tributary.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureTest {
  @ParameterizedTest
  @CsvSource({
    "08006, TRANSIENT",
    "57P01, TRANSIENT",
    "53300, TRANSIENT",
    "42P01, TRANSIENT",
    "42703, TRANSIENT",
    "3F000, TRANSIENT",
    "40001, RACE",
    "23505, RACE",
    "22P02, DATA",
    "23514, DATA",
    "42804, DATA",
  })
  void theStateOfAnSqlErrorSaysWhatToDo(String state, Failure failure) {
    SQLException error = new SQLException("as the database says", state);
    assertThat(Failure.of(new IllegalStateException("a batch", error))).isEqualTo(failure);
  }

  @Test
  void whatIsNoSqlErrorLiesInARecordOrInOurCode() {
    assertThat(Failure.of(new IllegalStateException("a record"))).isEqualTo(Failure.DATA);
  }
}
