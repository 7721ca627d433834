// See sampling-state.h. The handler that looks at each block as it is filled: over-current first, then
// brown-out and sums. All of it in SRAM (link.ld): protection cannot wait for flash.
//
// It runs 25,000 times a second under power, so it is written for the instructions it becomes: about 110
// cycles, and 200 more where a round is summed up, every fourth time.

#include "events.h"
#include "processor.h"
#include "registers.h"
#include "sampling-state.h"
#include "sampling.h"


struct sampling sampling;
struct overcurrent overcurrent __attribute__((section(".retained")));
block sampling_ring[BLOCKS] __attribute__((aligned(4)));
block sampling_trace[TRACE_BLOCKS] __attribute__((aligned(4)));
const block *sampling_addresses[BLOCKS] __attribute__((aligned(sizeof(uint32_t) * BLOCKS)));

uint32_t overcurrent_check(void) {
  uint32_t sum = 0x6f766572u;
  for (const uint32_t *word = &overcurrent.channel; word < &overcurrent.check; word++) {
    sum = (sum << 5 | sum >> 27) ^ *word;
  }
  return sum;
}

bool overcurrent_forbids(uint32_t bit) { return overcurrent.tripped && overcurrent.outputs >> bit & 1u; }

void sampling_freeze(void) {
  if (sampling.trace_rounds == 0 && sampling.freeze_in == 0) sampling.freeze_in = TRACE_BLOCKS_AFTER;
}

// timer_us lies in flash.
static uint64_t timer_now_us(void) {
  uint32_t high = REGISTER(TIMER_TIMERAWH), low, again;
  while (low = REGISTER(TIMER_TIMERAWL), again = REGISTER(TIMER_TIMERAWH), again != high) high = again;
  return (uint64_t)high << 32 | low;
}

static __attribute__((noinline)) void trip(uint32_t code) {
  if (overcurrent.tripped) return; // sampling_peek was here
  const struct release *release = &sampling.release;
  REGISTER(SIO_GPIO_OUT_CLR) = release->latch_clear;
  REGISTER(SIO_GPIO_OUT_SET) = release->latch_set;
  REGISTER(SIO_GPIO_OE_SET) = release->enable_set;
  REGISTER(SIO_GPIO_OE_CLR) = release->enable_clear;
  const uint64_t now_us = sampling.base_us + timer_now_us();
  sampling.watched_code = WATCHES_NOTHING;
  overcurrent.tripped = 1;
  overcurrent.at_us_low = (uint32_t)now_us;
  overcurrent.at_us_high = (uint32_t)(now_us >> 32);
  overcurrent.at_code = code;
  overcurrent.trips++;
  overcurrent.check = overcurrent_check();
  sampling_freeze();
  events_raise(EVENT_OVERCURRENT);
}

/** A block with a code that is too large, or behind one. */
static __attribute__((noinline)) void watch_closely(const uint16_t *codes) {
  for (uint32_t round = 0; round < BLOCK_ROUNDS; round++, codes += ROUND_CODES) {
    sampling.above = *codes >= sampling.watched_code ? sampling.above + 1 : 0;
    if (sampling.above < overcurrent.rounds) continue;
    trip(*codes);
    return;
  }
}

_Static_assert(BLOCK_ROUNDS == 4, "the quick look is at four codes");
ALWAYS void watch_current(const struct sampling *s, const uint16_t *codes) {
  const uint32_t limit = s->watched_code;
  codes += s->watched_place;
  const uint32_t quiet = s->above == 0 && codes[0] < limit && codes[ROUND_CODES] < limit
                         && codes[2 * ROUND_CODES] < limit && codes[3 * ROUND_CODES] < limit;
  if (!quiet) watch_closely(codes);
}

/** The newest block and the one before, whoever looks at them later. */
static __attribute__((noinline)) void peek_closely(uint32_t newest) {
  uint32_t above = 0;
  for (uint32_t at = newest + BLOCKS - 1u; at <= newest + BLOCKS; at++) {
    const uint16_t *codes = sampling_ring[at % BLOCKS] + sampling.watched_place;
    for (uint32_t round = 0; round < BLOCK_ROUNDS; round++, codes += ROUND_CODES) {
      above = *codes >= sampling.watched_code ? above + 1 : 0;
      if (above >= overcurrent.rounds) trip(*codes);
    }
  }
}

FAST bool sampling_peek(void) {
  static uint32_t seen;
  const uint32_t newest = (REGISTER(DMA_READ_ADDR(ADDRESS_CHANNEL)) / 4u - 2u) % BLOCKS;
  if (newest == seen) return false;
  seen = newest;
  const uint32_t limit = sampling.watched_code;
  const uint16_t *codes = sampling_ring[newest] + sampling.watched_place;
  const bool quiet = codes[0] < limit && codes[ROUND_CODES] < limit && codes[2 * ROUND_CODES] < limit
                     && codes[3 * ROUND_CODES] < limit;
  // With the handler held off, somebody changes what is armed.
  if (quiet || !(REGISTER(NVIC_ISER) & 1u << IRQ_DMA_0)) return false;
  peek_closely(newest);
  return overcurrent.tripped;
}

static __attribute__((noinline)) void input_is_low(struct sampling *s) {
  if (++s->below < s->brownout_rounds) return;
  s->brownout_code = s->below = 0;
  events_raise(EVENT_BROWN_OUT);
}

// Erratum RP2040-E11: codes 512, 1536, 2560 and 3584 are about ten times as wide as the others (8.9 LSB of
// differential non-linearity, pico-adc.markomo.me), so whatever is above one of them reads nine codes too
// little. In linear codes each counts for ten, and stands for its middle.
ALWAYS uint32_t linear(uint32_t code) {
  return code + 9u * ((code + 511u) / 1024u + (code + 512u) / 1024u) / 2u;
}

ALWAYS uint32_t sum_up(struct channel_sum *sum, uint32_t code) {
  code = linear(code);
  sum->sum += code;
  if (code < sum->minimum) sum->minimum = code;
  if (code > sum->maximum) sum->maximum = code;
  return code;
}

static __attribute__((noinline)) FAST void sum_round(struct sampling *s, const uint16_t *codes) {
  const uint32_t now_us = REGISTER(TIMER_TIMERAWL);
  if (now_us - s->last_us > s->lap_us) s->overruns++; // some of the ring was overwritten
  s->last_us = now_us;
  s->lap_us = s->next_lap_us;
  if (s->rounds >= SUMMED_ROUNDS_MOST) return;
  s->rounds++;
  uint32_t voltage = 0, current = 0;
#pragma GCC unroll 5
  for (uint32_t place = 0; place < ROUND_CODES; place++) {
    const uint32_t code = sum_up(&s->sums[place], codes[place]);
    if (BOARD_VOUT_ADC_CHANNEL < SAMPLING_CHANNELS && place == PLACE(BOARD_VOUT_ADC_CHANNEL)) voltage = code;
    if (BOARD_IOUT_ADC_CHANNEL < SAMPLING_CHANNELS && place == PLACE(BOARD_IOUT_ADC_CHANNEL)) current = code;
  }
  const uint32_t product = voltage * current, before = s->product_low;
  s->product_low = before + product;
  if (before + product < before) s->product_high++;
  if (codes[s->brownout_place] < s->brownout_code) input_is_low(s);
  else s->below = 0;
}

// 640 words, 30 us: the next blocks wait in the ring meanwhile.
static __attribute__((noinline)) void keep_trace(uint32_t end) {
  for (uint32_t i = 0; i < TRACE_BLOCKS; i++) {
    const uint32_t *from = (const uint32_t *)sampling_ring[(end + BLOCKS - TRACE_BLOCKS + i) % BLOCKS];
    volatile uint32_t *to = (uint32_t *)sampling_trace[i]; // volatile: no call of memcpy, which is in flash
    for (uint32_t word = 0; word < BLOCK_CODES / 2u; word++) to[word] = from[word];
  }
  sampling.trace_rounds = TRACE_LENGTH;
  sampling.trace_period_ns = sampling.period_ns;
}

FAST void sampling_interrupt(void) {
  struct sampling *const s = &sampling;
  REGISTER(DMA_INTS0) = 1u << DATA_CHANNEL;
  // The address channel has read one ahead: that block is being filled.
  const uint32_t filling = (REGISTER(DMA_READ_ADDR(ADDRESS_CHANNEL)) / 4u - 1u) % BLOCKS;
  uint32_t next = s->next;
  for (uint32_t left = BLOCKS; next != filling && left > 0; left--) {
    const uint16_t *codes = sampling_ring[next];
    next = (next + 1u) % BLOCKS;
    watch_current(s, codes);
    if (next % BLOCKS_A_SUM == 0) sum_round(s, codes + BLOCK_CODES - ROUND_CODES);
    if (s->freeze_in && --s->freeze_in == 0) keep_trace(next);
  }
  s->next = next;
}
