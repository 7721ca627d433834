// CRC-32 as Ethernet and zip have it: finds damage, does not prove origin.
#pragma once

#include <stdint.h>

/** Polynomial 0xedb88320 (reflected), begun with and inverted by all ones; "123456789" gives 0xcbf43926. */
uint32_t crc32(const uint8_t *bytes, uint32_t length);
