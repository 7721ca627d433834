// See snapshot.h. Checks the snapshot and copies its changeable part into SRAM.

#include "snapshot.h"

#include <stdbool.h>
#include <stddef.h>

#include "flash/crc32.h"
#include "generated/abi.h"

#define UNCHECKED_BYTES 12u // magic, size and the checksum itself

_Static_assert(sizeof(struct snapshot) == 48, "link.ld and scripts/build/wasm3/snapshot.ts know the size");

extern uint32_t heap_start[];
extern char flash_end[], snapshot_identity[]; // link.ld; the build defines snapshot_identity, as an address

static bool is_whole(const struct snapshot *snapshot) {
  const uint32_t most_bytes = (uint32_t)(flash_end - (const char *)snapshot);
  if (snapshot->bytes < sizeof *snapshot || snapshot->bytes > most_bytes) return false;
  const uint8_t *checked = (const uint8_t *)snapshot + UNCHECKED_BYTES;
  return crc32(checked, snapshot->bytes - UNCHECKED_BYTES, NULL) == snapshot->crc32;
}

const char *snapshot_refusal(void) {
  const struct snapshot *snapshot = &snapshot_start;
  if (snapshot->magic != SNAPSHOT_MAGIC) return "there is no compiled logic in flash";
  if (!is_whole(snapshot)) return "the logic in flash is damaged: its checksum is wrong";
  if (snapshot->identity != (uint32_t)snapshot_identity)
    return "the logic in flash was compiled for another image";
  if (snapshot->contract_version != CONTRACT_VERSION) return "module was made for another contract version";
  return NULL;
}

void snapshot_restore(void) {
  uint32_t *const end = heap_start + snapshot_start.heap_bytes / sizeof *heap_start;
  for (uint32_t *word = heap_start; word < end;) {
    word[0] = word[1] = word[2] = word[3] = 0;
    word += 4;
  }
  for (const uint32_t *segment = snapshot_start.heap_image; segment < snapshot_start.heap_image_end;) {
    uint32_t *to = (uint32_t *)segment[0];
    const uint32_t *from = segment + 2;
    segment = from + segment[1];
    while (from < segment) *to++ = *from++;
  }
}
