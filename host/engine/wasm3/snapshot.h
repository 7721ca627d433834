// The logic as wasm3 has compiled it, when the image was built: the build runs builder.c in the emulator
// and ships what it leaves (scripts/build/wasm3/). What never changes lies in flash, at the addresses
// it was made for; what does is laid out in SRAM at each start.
#pragma once

#include <stdint.h>

#define SNAPSHOT_MAGIC 0x334d5357u // "WSM3"

/** First in the section .snapshot; scripts/build/wasm3/snapshot.ts writes it. */
struct snapshot {
  uint32_t magic;
  uint32_t bytes; // of the whole, from magic on
  uint32_t crc32; // of everything behind this word
  uint32_t identity; // of the image the addresses inside belong to
  uint32_t contract_version;
  uint32_t module_bytes; // the logic's size as WebAssembly
  uint32_t heap_bytes; // SRAM from heap_start on: wasm3's records, its stack, linear memory
  struct M3Runtime *runtime; // in the heap
  const void *start, *handle; // compiled exports
  const uint32_t *heap_image; // blocks of address, number of words, words; the rest of the heap is zero
  const uint32_t *heap_image_end;
};

extern const struct snapshot snapshot_start;

/** NULL if the snapshot is whole and was made for this image, else a sentence. */
const char *snapshot_refusal(void);
/** Lays out the heap as it was when the snapshot was taken. */
void snapshot_restore(void);
