// CRC-32 as Ethernet and zip use it. It finds damage; it does not prove where the data comes from.
#pragma once

#include <stdint.h>

/** Words in the checked range that are copied while they are read, so that flash need not be read again. */
struct crc32_copy {
  const uint32_t *from, *end;
  uint32_t *to;
  const struct crc32_copy *next; // words behind these; NULL is the end of the list
};

/**
 * Polynomial 0xedb88320 (reflected); the initial value and the final XOR are all ones. "123456789" gives
 * 0xcbf43926. `copy` may be NULL. Use the copied words only if the checksum is right.
 */
uint32_t crc32(const uint8_t *bytes, uint32_t length, const struct crc32_copy *copy);
