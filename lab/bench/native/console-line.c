// Parses console lines; see lab/bench/kernels/console-line.ts.

#include <stdbool.h>
#include <string.h>

#include "kernels.h"

static const char *const lines[] = {
    "help",
    "status",
    "power on",
    "power  force-off   --yes",
    "power cycle --yes",
    "power sideways",
    "log -n 200 --raw",
    "log -f",
    "log -n",
    "log -n 12x",
    "log -n 100000 -f",
    "sensors",
    "fan 0 75",
    "fan 1 0x40",
    "sel list -n 16",
    "sel clear --yes",
    "i2c 0 0x58 0x8b 2",
    "i2c 1 0x40 0x88 2 --raw",
    "i2c 1 0xzz",
    "",
    "   uptime  ",
    "reboot --yes",
    "reboot --no",
    "pwoer on",
    "log -n 4294967295 -f",
    "log -n 4294967300",
    "a b c d e f g h i j",
    "i2c 3 0xdeadbeef 4294967296",
};
#define ROUNDS 2

struct name {
  const char *letters;
  uint32_t length;
};
#define NAME(letters) {letters, sizeof(letters) - 1}

static const struct name commands[] = {
    NAME("help"), NAME("status"), NAME("power"), NAME("log"), NAME("sensors"), NAME("version"),
    NAME("fan"), NAME("sel"), NAME("i2c"), NAME("uptime"), NAME("reboot"),
};
static const struct name verbs[] = {
    NAME("on"), NAME("off"), NAME("force-off"), NAME("cycle"), NAME("reset"), NAME("list"),
    NAME("clear"),
};
static const struct name option_names[] = {NAME("-n"), NAME("-f"), NAME("--raw"), NAME("--yes")};

#define LINE_WORDS 8

enum outcome {
  EMPTY,
  UNDERSTOOD,
  TOO_MANY_WORDS,
  UNKNOWN_COMMAND,
  UNKNOWN_OPTION,
  UNKNOWN_WORD,
  BAD_NUMBER,
};

static uint8_t text[512];
static const uint8_t *text_end = text;

static const uint8_t *starts[LINE_WORDS];
static uint32_t lengths[LINE_WORDS];

// The results of the last line.
static int32_t command;
static int32_t verb;
static uint32_t options;
static uint32_t numbers;
static uint32_t value; // the number last read
static uint32_t value_sum;

void prepare_console_line(void) {
  uint8_t *at = text;
  for (uint32_t i = 0; i < COUNT_OF(lines); i++) {
    const size_t length = strlen(lines[i]);
    memcpy(at, lines[i], length);
    at += length;
    *at++ = '\n';
  }
  text_end = at;
}

/** Returns the number of words in the line. It may exceed LINE_WORDS; only the first LINE_WORDS are kept. */
static uint32_t split(const uint8_t *at, const uint8_t *end) {
  uint32_t count = 0;
  while (at != end) {
    while (at != end && *at == ' ') at++;
    if (at == end) break;
    const uint8_t *start = at;
    while (at != end && *at != ' ') at++;
    if (count < LINE_WORDS) {
      starts[count] = start;
      lengths[count] = (uint32_t)(at - start);
    }
    count++;
  }
  return count;
}

static bool matches(const uint8_t *at, const struct name *name) {
  for (uint32_t i = 0; i < name->length; i++) {
    if (at[i] != (uint8_t)name->letters[i]) return false;
  }
  return true;
}

/** Returns the index of the name that equals the word, or -1. */
static int32_t find(uint32_t word, const struct name *names, int32_t count) {
  const uint8_t *start = starts[word];
  const uint32_t length = lengths[word];
  for (int32_t i = 0; i < count; i++) {
    if (names[i].length == length && matches(start, &names[i])) return i;
  }
  return -1;
}

/** Returns the value of a digit, or 255 for a character that is not a digit of any base. */
static uint32_t digit_of(uint32_t letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  return 255;
}

/** Reads a word as a 32-bit number into `value`, decimal or with 0x. Returns false if it is not a number. */
static bool parse_number(uint32_t word) {
  const uint8_t *at = starts[word];
  const uint8_t *end = at + lengths[word];
  uint32_t base = 10;
  if (end - at > 2 && at[0] == '0' && at[1] == 'x') {
    base = 16;
    at += 2;
  }
  const uint32_t largest = base == 10 ? UINT32_MAX / 10 : UINT32_MAX / 16;
  value = 0;
  for (; at != end; at++) {
    const uint32_t digit = digit_of(*at);
    if (digit >= base || value > largest) return false;
    const uint32_t shifted = value * base;
    value = shifted + digit;
    if (value < shifted) return false;
  }
  return true;
}

static bool take_number(uint32_t word) {
  if (!parse_number(word)) return false;
  numbers++;
  value_sum = mix(value_sum, value);
  return true;
}

static enum outcome parse(const uint8_t *at, const uint8_t *end) {
  command = -1;
  verb = -1;
  options = 0;
  numbers = 0;
  value_sum = 0;
  const uint32_t count = split(at, end);
  if (count == 0) return EMPTY;
  if (count > LINE_WORDS) return TOO_MANY_WORDS;
  command = find(0, commands, COUNT_OF(commands));
  if (command < 0) return UNKNOWN_COMMAND;
  for (uint32_t word = 1; word < count; word++) {
    const uint8_t first = *starts[word];
    if (first == '-') {
      const int32_t option = find(word, option_names, COUNT_OF(option_names));
      if (option < 0) return UNKNOWN_OPTION;
      options |= 1u << option;
      if (option == 0 && (++word == count || !take_number(word))) return BAD_NUMBER;
    } else if (first >= '0' && first <= '9') {
      if (!take_number(word)) return BAD_NUMBER;
    } else {
      verb = find(word, verbs, COUNT_OF(verbs));
      if (verb < 0) return UNKNOWN_WORD;
    }
  }
  return UNDERSTOOD;
}

uint32_t native_console_line(void) {
  uint32_t sum = 0;
  for (uint32_t round = 0; round < ROUNDS; round++) {
    const uint8_t *start = text;
    for (const uint8_t *at = text; at != text_end; at++) {
      if (*at != '\n') continue;
      sum = mix(sum, (uint32_t)parse(start, at));
      sum = mix(mix(sum, (uint32_t)command), (uint32_t)verb);
      sum = mix(mix(sum, options), numbers);
      sum = mix(sum, value_sum);
      start = at + 1;
    }
  }
  return sum;
}
