// The logic as wasm3 has compiled it when the image was built: the build runs builder.c in its emulator and
// puts the result into the image (scripts/build/wasm3/). What never changes stays in flash, at the
// addresses it was compiled for. What changes is copied to SRAM at each start.
#pragma once

#include <stdint.h>

#define SNAPSHOT_MAGIC 0x334d5357u // "WSM3"

/** The first thing in the section .snapshot. scripts/build/wasm3/snapshot.ts writes it. */
struct snapshot {
  uint32_t magic;
  uint32_t bytes; // size of the whole snapshot, from magic on
  uint32_t crc32; // of everything behind this word
  uint32_t identity; // of the image whose addresses the snapshot contains
  uint32_t contract_version;
  uint32_t module_bytes; // the logic's size as WebAssembly
  uint32_t heap_bytes; // SRAM from heap_start on: wasm3's data structures, its stack, linear memory
  struct M3Runtime *runtime; // in the heap
  const void *start, *handle; // compiled exports
  const uint32_t *heap_image; // segments: address, number of words, the words; the rest of the heap is zero
  const uint32_t *heap_image_end;
};

extern const struct snapshot snapshot_start;

/**
 * Returns NULL if the snapshot is whole and was made for this image, otherwise a sentence that says why
 * not.
 */
const char *snapshot_refusal(void);
/** Restores the heap to its contents when the snapshot was taken. */
void snapshot_restore(void);
