/** A compute board that was pulled out is no fault, although MFR_LAST_FAULT has a record of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SlotClient } from "@racklet/client";
import { parseCommand } from "../../../cli/smbus/commands.ts";
import { faultDocument } from "../../../cli/smbus/documents.ts";
import type { Session } from "../../../cli/smbus/session.ts";
import { MemorySlot } from "../../client/memory-slot.ts";

/** FAULT_REASON by docs/smbus.md. */
const REMOVED = 4;
const WITH_READINGS = 1;

/** A slot whose record says that the board was pulled out 12.5 s after power-on. */
function pulled(measured: number): { session: Session; text(): string; device: MemorySlot } {
  const device = new MemorySlot();
  const record = Buffer.alloc(27);
  record.set([REMOVED, 0, 0, measured]);
  record.writeBigUInt64LE(12_500_000n, 6);
  device.put("MFR_LAST_FAULT", [...record]);
  const said: string[] = [];
  const session = {
    client: new SlotClient(device, device.address, { verify: true, pec: true }),
    style: { colours: true },
    say: (...lines: string[]) => said.push(...lines),
  } as unknown as Session;
  return { session, device, text: () => said.join("\n") };
}

test("fault says since when there is none, and whether there is a trace of an earlier fault", async () => {
  const { session, text } = pulled(WITH_READINGS);
  await parseCommand(["fault"])(session);
  const none = "none since the compute board was pulled out, at 12.500 s after the BMC's power-on";
  assert.equal(text(), `fault  ${none}\ntrace  none`);
});

test("the time of a record from before the BMC's restart is not known", async () => {
  const { session, text } = pulled(0);
  await parseCommand(["fault"])(session);
  assert.match(text(), /pulled out, at a time before the BMC's restart\n/);
});

test("status shows it as no last fault, and without the colour of one", async () => {
  const { session, text } = pulled(WITH_READINGS);
  await parseCommand(["status"])(session);
  assert.match(text(), /^fault {7}none since the compute board was pulled out, at 12\.500 s after /m);
  assert.doesNotMatch(text(), /last fault/);
});

test("a program is told of no fault", async () => {
  const { session } = pulled(WITH_READINGS);
  assert.deepEqual(await faultDocument(session), { fault: null });
});
