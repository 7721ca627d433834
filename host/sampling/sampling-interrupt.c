// See sampling-state.h. The interrupt handler that checks each buffer when it is full: first for an
// over-current, then for a brown-out, and it adds up the codes. All of it is in SRAM (link.ld), because
// protection cannot wait for flash.
//
// It runs 25,000 times a second under power, so it is written with the resulting instructions in mind:
// about 110 cycles, and 200 more for every fourth buffer, whose last round is summed up.

#include "events.h"
#include "processor.h"
#include "registers.h"
#include "sampling-state.h"
#include "sampling.h"

struct sampling sampling;
struct overcurrent overcurrent __attribute__((section(".retained")));
sample_buffer sampling_ring[BUFFERS] __attribute__((aligned(4)));
sample_buffer sampling_trace[TRACE_BUFFERS] __attribute__((aligned(4)));
const sample_buffer *sampling_addresses[BUFFERS] __attribute__((aligned(sizeof(uint32_t) * BUFFERS)));

uint32_t overcurrent_check(void) {
  uint32_t sum = 0x6f766572u;
  for (const uint32_t *word = &overcurrent.channel; word < &overcurrent.check; word++) {
    sum = (sum << 5 | sum >> 27) ^ *word;
  }
  return sum;
}

bool overcurrent_forbids(uint32_t bit) { return overcurrent.tripped && overcurrent.outputs >> bit & 1u; }

void sampling_freeze(void) {
  if (sampling.trace_rounds == 0 && sampling.freeze_in == 0) sampling.freeze_in = TRACE_BUFFERS_AFTER;
}

// timer_us is in flash.
static uint64_t timer_now_us(void) {
  uint32_t high = REGISTER(TIMER_TIMERAWH), low, again;
  while (low = REGISTER(TIMER_TIMERAWL), again = REGISTER(TIMER_TIMERAWH), again != high) high = again;
  return (uint64_t)high << 32 | low;
}

static __attribute__((noinline)) void trip(uint32_t code) {
  if (overcurrent.tripped) return; // sampling_peek has tripped already
  const struct release *release = &sampling.release;
  REGISTER(SIO_GPIO_OUT_CLR) = release->latch_clear;
  REGISTER(SIO_GPIO_OUT_SET) = release->latch_set;
  REGISTER(SIO_GPIO_OE_SET) = release->enable_set;
  REGISTER(SIO_GPIO_OE_CLR) = release->enable_clear;
  const uint64_t now_us = sampling.base_us + timer_now_us();
  sampling.watched_code = NOTHING_WATCHED;
  overcurrent.tripped = 1;
  overcurrent.at_us_low = (uint32_t)now_us;
  overcurrent.at_us_high = (uint32_t)(now_us >> 32);
  overcurrent.at_code = code;
  overcurrent.trips++;
  overcurrent.check = overcurrent_check();
  sampling_freeze();
  events_raise(EVENT_OVERCURRENT);
}

/**
 * A conversion that did not converge has an undefined code (CS.ERR, datasheet 4.9.6), so it is no
 * measurement: it is neither above a limit nor below it. With its error bit it is larger than every code. So
 * the fast comparisons let none through, and only the code behind them must look for it.
 */
INLINE bool has_failed(uint32_t code) { return code & ADC_FIFO_ERR; }

// At full scale the current is unknown, as in a short circuit. So two codes in a row are enough if the second
// is at full scale, however many the limit asks for. Our choice: the converter's own error there is less.
#define FULL_SCALE_CODE 4080u
#define SHORT_ROUNDS 2u

/** True if `above` codes in a row at or above the limit, of which `code` is the last, are an over-current. */
INLINE bool is_overcurrent(uint32_t above, uint32_t code) {
  return above >= overcurrent.rounds || (above >= SHORT_ROUNDS && code >= FULL_SCALE_CODE);
}

/** Checks a buffer that contains a code at or above the limit, or that follows one. */
static __attribute__((noinline)) void check_each_code(const uint16_t *codes) {
  for (uint32_t round = 0; round < BUFFER_ROUNDS; round++, codes += ROUND_CODES) {
    if (has_failed(*codes)) continue;
    sampling.above = *codes >= sampling.watched_code ? sampling.above + 1 : 0;
    if (!is_overcurrent(sampling.above, *codes)) continue;
    trip(*codes);
    return;
  }
}

_Static_assert(BUFFER_ROUNDS == 4, "check_overcurrent compares four codes");
INLINE void check_overcurrent(const struct sampling *s, const uint16_t *codes) {
  const uint32_t limit = s->watched_code;
  codes += s->watched_index;
  const uint32_t quiet = s->above == 0 && codes[0] < limit && codes[ROUND_CODES] < limit
                         && codes[2 * ROUND_CODES] < limit && codes[3 * ROUND_CODES] < limit;
  if (!quiet) check_each_code(codes);
}

/** Checks the newest buffer and the one before, whether or not the handler will check them again. */
static __attribute__((noinline)) void check_newest_buffers(uint32_t newest) {
  uint32_t above = 0;
  for (uint32_t at = newest + BUFFERS - 1u; at <= newest + BUFFERS; at++) {
    const uint16_t *codes = sampling_ring[at % BUFFERS] + sampling.watched_index;
    for (uint32_t round = 0; round < BUFFER_ROUNDS; round++, codes += ROUND_CODES) {
      if (has_failed(*codes)) continue;
      above = *codes >= sampling.watched_code ? above + 1 : 0;
      if (is_overcurrent(above, *codes)) trip(*codes);
    }
  }
}

FAST bool sampling_peek(void) {
  static uint32_t seen;
  const uint32_t newest = (REGISTER(DMA_READ_ADDR(ADDRESS_CHANNEL)) / 4u - 2u) % BUFFERS;
  if (newest == seen) return false;
  seen = newest;
  const uint32_t limit = sampling.watched_code;
  const uint16_t *codes = sampling_ring[newest] + sampling.watched_index;
  const bool quiet = codes[0] < limit && codes[ROUND_CODES] < limit && codes[2 * ROUND_CODES] < limit
                     && codes[3 * ROUND_CODES] < limit;
  // If the handler is held off, thread mode is changing the armed limit.
  if (quiet || !(REGISTER(NVIC_ISER) & 1u << IRQ_DMA_0)) return false;
  check_newest_buffers(newest);
  return overcurrent.tripped;
}

static __attribute__((noinline)) void count_low_input(struct sampling *s) {
  if (++s->below < s->brownout_rounds) return;
  s->brownout_code = s->below = 0;
  events_raise(EVENT_BROWN_OUT);
}

// Erratum RP2040-E11: codes 512, 1536, 2560 and 3584 are about ten times as wide as the others (8.9 LSB of
// differential non-linearity, pico-adc.markomo.me). So every code above one of them is nine too low. Linear
// codes count each of the four as ten codes, and take its middle.
INLINE uint32_t linear(uint32_t code) {
  return code + 9u * ((code + 511u) / 1024u + (code + 512u) / 1024u) / 2u;
}

INLINE uint32_t add_code(struct channel_sum *sum, uint32_t code) {
  code = linear(code);
  sum->sum += code;
  if (code < sum->minimum) sum->minimum = code;
  if (code > sum->maximum) sum->maximum = code;
  return code;
}

static __attribute__((noinline)) FAST void sum_round(struct sampling *s, const uint16_t *codes) {
  const uint32_t now_us = REGISTER(TIMER_TIMERAWL);
  if (now_us - s->last_us > s->lap_us) s->overruns++; // part of the ring was overwritten
  s->last_us = now_us;
  s->lap_us = s->next_lap_us;
  if (s->rounds >= SUMMED_ROUNDS_MOST) return;
  uint32_t all = 0;
#pragma GCC unroll 5
  for (uint32_t index = 0; index < ROUND_CODES; index++) all |= codes[index];
  if (has_failed(all)) return;
  s->rounds++;
  uint32_t voltage = 0, current = 0;
#pragma GCC unroll 5
  for (uint32_t index = 0; index < ROUND_CODES; index++) {
    const uint32_t code = add_code(&s->sums[index], codes[index]);
    if (IS_CODE_OF(BOARD_VOUT_ADC_CHANNEL, index)) voltage = code;
    if (IS_CODE_OF(BOARD_IOUT_ADC_CHANNEL, index)) current = code;
  }
  const uint32_t product = voltage * current, before = s->product_low;
  s->product_low = before + product;
  if (before + product < before) s->product_high++;
  if (codes[s->brownout_index] < s->brownout_code) count_low_input(s);
  else s->below = 0;
}

// Copies 640 words, 30 us. Meanwhile the next buffers wait in the ring.
static __attribute__((noinline)) void save_trace(uint32_t end) {
  for (uint32_t i = 0; i < TRACE_BUFFERS; i++) {
    const uint32_t *from = (const uint32_t *)sampling_ring[(end + BUFFERS - TRACE_BUFFERS + i) % BUFFERS];
    volatile uint32_t *to = (uint32_t *)sampling_trace[i]; // volatile: no call of memcpy, which is in flash
    for (uint32_t word = 0; word < BUFFER_CODES / 2u; word++) to[word] = from[word];
  }
  sampling.trace_rounds = TRACE_LENGTH;
  sampling.trace_period_ns = sampling.period_ns;
}

FAST void sampling_interrupt(void) {
  struct sampling *const s = &sampling;
  REGISTER(DMA_INTS0) = 1u << DATA_CHANNEL;
  // The address channel has read one address ahead. That buffer is being filled.
  const uint32_t filling = (REGISTER(DMA_READ_ADDR(ADDRESS_CHANNEL)) / 4u - 1u) % BUFFERS;
  uint32_t next = s->next;
  for (uint32_t left = BUFFERS; next != filling && left > 0; left--) {
    const uint16_t *codes = sampling_ring[next];
    next = (next + 1u) % BUFFERS;
    check_overcurrent(s, codes);
    if (next % BUFFERS_PER_SUM == 0) sum_round(s, codes + BUFFER_CODES - ROUND_CODES);
    if (s->freeze_in && --s->freeze_in == 0) save_trace(next);
  }
  s->next = next;
}
