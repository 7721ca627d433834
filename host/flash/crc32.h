// CRC-32 as Ethernet and zip have it: finds damage, does not prove origin.
#pragma once

#include <stdint.h>

/** Words among those checked that are copied on the way: flash need not be asked for them again. */
struct crc32_copy {
  const uint32_t *from, *end;
  uint32_t *to;
};

/**
 * Polynomial 0xedb88320 (reflected), begun with and inverted by all ones; "123456789" gives 0xcbf43926.
 * `copy` may be NULL; what it copies is worth what the checksum says of it.
 */
uint32_t crc32(const uint8_t *bytes, uint32_t length, const struct crc32_copy *copy);
