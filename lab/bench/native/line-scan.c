// Scans a boot log; see lab/bench/kernels/line-scan.ts.

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "kernels.h"

struct name {
  const char *letters;
  uint32_t length;
};
#define NAME(letters) {letters, sizeof(letters) - 1}

static const struct name words[] = {NAME("panic"), NAME("login:"), NAME("error"), NAME("FAILED")};
#define LINE_END 255

static const char *const messages[] = {
    "Booting Linux on physical CPU 0x0000000000 [0x410fd083]",
    "Machine model: Raspberry Pi Compute Module 4 Rev 1.1",
    "Zone ranges: DMA [mem 0x0000000000000000-0x000000003fffffff]",
    "Kernel command line: console=ttyAMA0,115200 root=PARTUUID=8a43 rootfstype=ext4 fsck.repair=yes panic=10 rw",
    "Dentry cache hash table entries: 524288 (order: 10, 4194304 bytes, linear)",
    "rcu: Hierarchical RCU implementation.",
    "Console: colour dummy device 80x25",
    "SMP: Total of 4 processors activated.",
    "pinctrl core: initialized pinctrl subsystem",
    "NET: Registered PF_INET protocol family",
    "iproc-rng200 fe104000.rng: hwrng registered",
    "brcm-pcie fd500000.pcie: link down",
    "mmc0: new high speed SDIO card at address 0001",
    "mmcblk0: p1 p2",
    "EXT4-fs (mmcblk0p2): mounted filesystem with ordered data mode. Quota mode: none.",
    "usb 1-1: device descriptor read/64, error -71",
    "systemd[1]: Started Journal Service.",
    "systemd[1]: [FAILED] Failed to start Load Kernel Modules.",
    "bcmgenet fd580000.ethernet eth0: Link is Up - 1Gbps/Full - flow control rx/tx",
    "slot1 login: ",
};
#define ROUNDS 3

static uint8_t text[4608];
static uint8_t classes[256];
static const uint8_t *text_end = text;

static uint8_t *copy_text(uint8_t *to, const char *from) {
  const size_t length = strlen(from);
  memcpy(to, from, length);
  return to + length;
}

/** Writes a time as the Linux kernel does: "[    1.234567] ". */
static uint8_t *copy_time(uint8_t *to, uint32_t time_us) {
  uint8_t *at = copy_text(to, "[    0.000000] ");
  for (uint8_t *digit = at - 3; time_us != 0; digit--) {
    if (*digit == '.') digit--;
    *digit = (uint8_t)('0' + time_us % 10);
    time_us /= 10;
  }
  return at;
}

void prepare_line_scan(void) {
  memset(classes, 0, sizeof classes);
  for (uint32_t word = 0; word < COUNT_OF(words); word++) {
    classes[(uint8_t)words[word].letters[0]] = (uint8_t)(word + 1);
  }
  classes['\n'] = LINE_END;
  uint8_t *at = text;
  uint32_t time_us = 0;
  for (uint32_t round = 0; round < ROUNDS; round++) {
    for (uint32_t i = 0; i < COUNT_OF(messages); i++) {
      at = copy_time(at, time_us);
      at = copy_text(at, messages[i]);
      at = copy_text(at, "\r\n");
      time_us += 48271;
    }
  }
  text_end = at;
}

/** Returns whether the bytes at `at` are those of `name`. */
static bool matches(const uint8_t *at, const struct name *name) {
  for (uint32_t i = 0; i < name->length; i++) {
    if (at[i] != (uint8_t)name->letters[i]) return false;
  }
  return true;
}

uint32_t native_line_scan(void) {
  const uint8_t *end = text_end;
  uint32_t sum = 0;
  uint32_t lines = 0;
  uint32_t longest = 0;
  uint32_t found = 0;
  const uint8_t *start = text;
  for (const uint8_t *at = text; at != end; at++) {
    const uint32_t kind = classes[*at];
    if (kind == 0) continue;
    if (kind == LINE_END) {
      // The carriage return does not belong to the line.
      const uint32_t length = (uint32_t)(at > start && at[-1] == '\r' ? at - start - 1 : at - start);
      if (length > longest) longest = length;
      if (found != 0) sum = mix(mix(sum, lines), found);
      lines++;
      found = 0;
      start = at + 1;
    } else {
      const struct name *word = &words[kind - 1];
      if ((uint32_t)(end - at) >= word->length && matches(at, word)) found |= 1u << kind;
    }
  }
  return mix(mix(sum, lines), longest);
}
