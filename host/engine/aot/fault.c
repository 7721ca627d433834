// Resolves the faults of translated code: traps, and accesses that are not aligned.
//
// A trap is a UDF instruction whose number is the trap kind (runtime.h). The compiler may also have emitted
// an access that assumes alignment for an address that is not aligned. The processor then faults (ARMv6-M
// A3.2.1), but WebAssembly allows the access. This file carries it out byte by byte and continues behind
// it. So an aligned access costs nothing extra: no code checks the address first.
//
// Any other fault is a fault of the host, and the host handles it.

#include "aot.h"
#include "engine/engine.h"

#define FRAME_PC 6u // r0 to r3, r12, lr, pc, xPSR (ARMv6-M B1.5.6)
#define FRAME_XPSR 7u
#define XPSR_T 0x01000000u
#define XPSR_REALIGNED 0x200u // the processor inserted a word to align the frame: the return must remove it

enum access { LOAD_WORD, LOAD_HALFWORD, LOAD_SIGNED_HALFWORD, STORE_WORD, STORE_HALFWORD };

struct registers {
  uint32_t *low;  // r0 to r3, in the frame
  uint32_t *high; // r4 to r7, saved by the handler
};

static uint32_t *reg(struct registers registers, uint32_t number) {
  return number < 4 ? &registers.low[number] : &registers.high[number - 4];
}

static bool is_logic(uint32_t pc) {
  return (pc >= (uint32_t)logic_begin && pc < (uint32_t)logic_end) ||
         (pc >= (uint32_t)logic_hot_begin && pc < (uint32_t)logic_hot_end);
}

static void stacked_trap(uint32_t *frame, uint32_t kind) {
  frame[0] = kind;
  frame[FRAME_PC] = (uint32_t)engine_unwind & ~1u;
  frame[FRAME_XPSR] = XPSR_T | (frame[FRAME_XPSR] & XPSR_REALIGNED);
}

/** Accesses memory byte by byte. Returns false if one of the bytes lies outside linear memory. */
static bool access_bytes(uint32_t address, uint32_t *data, enum access access) {
  const uint32_t bytes = access == LOAD_WORD || access == STORE_WORD ? 4 : 2;
  const uint32_t offset = address - (uint32_t)linear_memory;
  if (offset > CONTRACT_MEMORY_BYTES - bytes) return false;
  uint8_t *bytes_at = linear_memory + offset;
  if (access == STORE_WORD || access == STORE_HALFWORD) {
    for (uint32_t i = 0; i < bytes; i++) bytes_at[i] = (uint8_t)(*data >> 8 * i);
    return true;
  }
  uint32_t value = 0;
  for (uint32_t i = 0; i < bytes; i++) value |= (uint32_t)bytes_at[i] << 8 * i;
  *data = access == LOAD_SIGNED_HALFWORD ? (uint32_t)(int16_t)value : value;
  return true;
}

/**
 * LDM and STM with write-back (A6.7.25, A6.7.58): the compiler combines accesses to adjacent words into
 * them.
 */
static bool multiple(uint16_t opcode, struct registers registers) {
  const uint32_t base = opcode >> 8 & 7, list = opcode & 0xff;
  const bool load = opcode & 0x0800;
  uint32_t address = *reg(registers, base);
  // LDM keeps the loaded value if the base register is in the list. This loop counts in its own `address`.
  for (uint32_t number = 0; number < 8; number++) {
    if (!(list & 1u << number)) continue;
    if (!access_bytes(address, reg(registers, number), load ? LOAD_WORD : STORE_WORD)) return false;
    address += 4;
  }
  if (!load || !(list & 1u << base)) *reg(registers, base) = address;
  return true;
}

/** Loads and stores of words and halfwords at register addresses (A5.2.4). */
static bool single(uint16_t opcode, struct registers registers) {
  uint32_t *data = reg(registers, opcode & 7);
  const uint32_t base = *reg(registers, opcode >> 3 & 7);
  const uint32_t by_register = base + *reg(registers, opcode >> 6 & 7);
  const uint32_t number = opcode >> 6 & 31;
  switch (opcode >> 9) {
  case 0x28: return access_bytes(by_register, data, STORE_WORD);
  case 0x29: return access_bytes(by_register, data, STORE_HALFWORD);
  case 0x2c: return access_bytes(by_register, data, LOAD_WORD);
  case 0x2d: return access_bytes(by_register, data, LOAD_HALFWORD);
  case 0x2f: return access_bytes(by_register, data, LOAD_SIGNED_HALFWORD);
  }
  switch (opcode >> 11) {
  case 0x0c: return access_bytes(base + 4 * number, data, STORE_WORD);
  case 0x0d: return access_bytes(base + 4 * number, data, LOAD_WORD);
  case 0x10: return access_bytes(base + 2 * number, data, STORE_HALFWORD);
  case 0x11: return access_bytes(base + 2 * number, data, LOAD_HALFWORD);
  }
  return false;
}

bool engine_resolve_fault(uint32_t *frame, uint32_t *r4_to_r7) {
  const uint32_t pc = frame[FRAME_PC];
  if (!is_logic(pc)) return false;
  const uint16_t opcode = *(const uint16_t *)pc;
  if (opcode >> 8 == 0xde) { // UDF (A6.7.72)
    stacked_trap(frame, opcode & 0xff);
    return true;
  }
  const struct registers registers = {frame, r4_to_r7};
  const bool done = opcode >> 12 == 0xc ? multiple(opcode, registers) : single(opcode, registers);
  if (done) frame[FRAME_PC] = pc + 2;
  return done;
}
