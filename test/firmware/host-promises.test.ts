/**
 * Promises of single functions of the host. The rest of the firmware hides it for a while when one of them is
 * broken: an idle pass comes within half a second, and a sleep looks at the clock itself.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Event, Port } from "../../simulator/generated/abi.ts";
import { BUFFER_AT, ParkedHost } from "./parked-host.ts";
import { busOf } from "./smbus/smbus-parked.ts";

const BIT_NANOS = 1e9 / 115200;
/** TIMER_IRQ_0. The number of an exception is 16 more than that of its interrupt. */
const TIMER_EXCEPTION = 16;

test("received bytes that a read leaves behind raise their event again, until a read takes the rest", () => {
  for (const [port, event] of [
    [Port.COMPUTE, Event.COMPUTE_RX],
    [Port.CONSOLE, Event.CONSOLE_RX],
  ] as const) {
    const host = new ParkedHost();
    const read = (capacity: number) => host.call("host_uart_read", port, BUFFER_AT, capacity);
    read(256);
    for (let byte = 0; byte < 20; byte++) {
      host.slot.chip.uarts[port].receive({ byte: 0x61 + byte, bitNanos: BIT_NANOS });
      host.slot.runFor(0.1);
    }
    host.slot.runFor(5); // the receive time-out hands over the last byte
    assert.equal(host.call("uart_leftovers"), 0, "bytes that no read has seen have an event of their own");
    assert.equal(read(8), 8);
    assert.equal(host.call("uart_leftovers"), event);
    assert.equal(host.slot.chip.bus.readUint8(BUFFER_AT + 7), 0x68);
    assert.equal(read(200), 12);
    assert.equal(host.call("uart_leftovers"), 0);
  }
});

test("an alarm that is set too late comes at once: the timer compares for equality, 71 minutes apart", () => {
  for (const { ahead_us, least_us, most_us } of [
    { ahead_us: -1, least_us: 0, most_us: 10 },
    { ahead_us: -1000, least_us: 0, most_us: 10 },
    { ahead_us: 200, least_us: 180, most_us: 210 }, // the calls themselves take some microseconds
  ]) {
    const host = new ParkedHost();
    const { slot } = host;
    host.call("timer_interrupt"); // disarms the alarm of the sleep before
    const wake_us = host.call("timer_us") + ahead_us; // below 2^32 so soon after the start
    const from = slot.chip.nanos;
    let after_us = Number.POSITIVE_INFINITY;
    slot.chip.trace = () => {
      if (busOf(slot).cpu.IPSR === TIMER_EXCEPTION)
        after_us = Math.min(after_us, (slot.chip.nanos - from) / 1000);
    };
    host.call("timer_arm", wake_us, 0);
    slot.runFor(1);
    delete slot.chip.trace;
    assert.ok(after_us >= least_us && after_us <= most_us, `${ahead_us} us ahead: came after ${after_us} us`);
  }
});
