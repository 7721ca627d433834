// See clocks.h. Datasheet 2.15 (clocks), 2.16 (XOSC), 2.18 (PLL), 2.14 (resets).

#include "clocks.h"

#include "board.h"
#include "registers.h"

// A turn of a wait takes at least 6 cycles, so this is 5 ms at 125 MHz, and longer on a slower clock. A PLL
// lock or a reset never takes as long.
#define WAIT_TURNS 100000u

// Before the crystal is stable the ring oscillator clocks the processor, with 12 MHz at most (2.17): 2000
// turns are 1 ms or more. Twice the board's start-up time, and no less than the other waits.
#define CRYSTAL_TURNS (BOARD_CRYSTAL_STARTUP_MS * 4000u + WAIT_TURNS)

// In units of 256 crystal cycles, rounded (2.16.3).
#define CRYSTAL_DELAY ((BOARD_CRYSTAL_HZ / 1000u * BOARD_CRYSTAL_STARTUP_MS + 128u) / 256u)
_Static_assert(CRYSTAL_DELAY <= XOSC_STARTUP_DELAY_MAX, "STARTUP.DELAY has 14 bits");

_Static_assert(BOARD_CRYSTAL_HZ == 12000000u, "the PLL settings below are for a 12 MHz crystal");

static bool wait_turns(uint32_t turns, uint32_t address, uint32_t mask, uint32_t value) {
  for (uint32_t turn = 0; turn < turns; turn++) {
    if ((REGISTER(address) & mask) == value) return true;
  }
  return false;
}

static bool wait_for(uint32_t address, uint32_t mask, uint32_t value) {
  return wait_turns(WAIT_TURNS, address, mask, value);
}

void clocks_begin(void) {
  if (REGISTER(XOSC_STATUS) & XOSC_STATUS_STABLE) return;
  REGISTER(XOSC_CTRL) = XOSC_CTRL_FREQ_RANGE_1_15MHZ;
  REGISTER(XOSC_STARTUP) = CRYSTAL_DELAY;
  REGISTER_SET(XOSC_CTRL) = XOSC_CTRL_ENABLE;
}

// The order of 2.18.4's programming sequence: the VCO first, the post dividers only once it has locked.
static bool pll_start(uint32_t base, uint32_t peripheral, uint32_t feedback, uint32_t one, uint32_t two) {
  if (!peripherals_reset(peripheral)) return false;
  REGISTER(PLL_CS(base)) = 1; // REFDIV
  REGISTER(PLL_FBDIV_INT(base)) = feedback;
  REGISTER_CLEAR(PLL_PWR(base)) = PLL_PWR_PD | PLL_PWR_VCOPD;
  if (!wait_for(PLL_CS(base), PLL_CS_LOCK, PLL_CS_LOCK)) return false;
  REGISTER(PLL_PRIM(base)) = PLL_PRIM_POSTDIVS(one, two);
  REGISTER_CLEAR(PLL_PWR(base)) = PLL_PWR_POSTDIVPD;
  return true;
}

bool clocks_start(void) {
  if (!wait_turns(CRYSTAL_TURNS, XOSC_STATUS, XOSC_STATUS_STABLE, XOSC_STATUS_STABLE)) return false;

  // Switch away from the PLLs before they are changed. The muxes of clk_sys and clk_ref are glitchless, and
  // SELECTED shows them one-hot. Those of clk_peri and clk_adc are not, so these clocks are gated instead
  // (2.15.3.2).
  REGISTER_CLEAR(CLK_SYS_CTRL) = CLK_SYS_CTRL_SRC_AUX;
  if (!wait_for(CLK_SYS_SELECTED, 3u, 1u)) return false;
  REGISTER(CLK_REF_CTRL) = CLK_REF_CTRL_SRC_XOSC;
  if (!wait_for(CLK_REF_SELECTED, 0xfu, 1u << CLK_REF_CTRL_SRC_XOSC)) return false;
  REGISTER(CLK_REF_DIV) = CLK_DIV_1;
  REGISTER(CLK_PERI_CTRL) = 0;
  REGISTER(CLK_ADC_CTRL) = 0;

  // 12 MHz * 125 = 1500 MHz, / 6 / 2 = 125 MHz; 12 MHz * 100 = 1200 MHz, / 5 / 5 = 48 MHz (2.18.2.1).
  if (!pll_start(PLL_SYS_BASE, RESETS_PLL_SYS, 125, 6, 2)) return false;
  if (!pll_start(PLL_USB_BASE, RESETS_PLL_USB, 100, 5, 5)) return false;

  REGISTER(CLK_SYS_DIV) = CLK_DIV_1;
  REGISTER(CLK_SYS_CTRL) = 0; // AUXSRC: PLL_SYS, still running from clk_ref
  REGISTER_SET(CLK_SYS_CTRL) = CLK_SYS_CTRL_SRC_AUX;
  if (!wait_for(CLK_SYS_SELECTED, 3u, 2u)) return false;
  REGISTER(CLK_PERI_CTRL) = CLK_CTRL_ENABLE;
  REGISTER(CLK_ADC_DIV) = CLK_DIV_1;
  REGISTER(CLK_ADC_CTRL) = CLK_CTRL_ENABLE;
  return true;
}

bool peripherals_reset(uint32_t peripherals) {
  REGISTER_SET(RESETS_RESET) = peripherals;
  return peripherals_release(peripherals);
}

bool peripherals_release(uint32_t peripherals) {
  REGISTER_CLEAR(RESETS_RESET) = peripherals;
  return wait_for(RESETS_RESET_DONE, peripherals, peripherals);
}
