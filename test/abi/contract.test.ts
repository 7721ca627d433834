/**
 * Golden test of the contract: names and numbers on which modules and images outside this repository rely.
 * Every difference is a new version of the contract: raise `version`, then update the golden file.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contract } from "../../abi/contract.ts";
import { commands } from "../../abi/smbus.ts";

function signature(item: {
  name: string;
  parameters: readonly { name: string; type: unknown; reach?: { with: string; maximum: number } }[];
  returns?: string;
}) {
  const parameters = item.parameters.map(({ name, type, reach }) => {
    const bound = reach ? ` (with ${reach.with} up to ${reach.maximum})` : "";
    if (typeof type === "string") return `${name}: ${type}${bound}`;
    const { direction, length, elementBytes } = type as Record<string, string | number>;
    return `${name}: ${direction} ${elementBytes} bytes * ${length}`;
  });
  return `${item.name}(${parameters.join(", ")}): ${item.returns ?? "nothing"}`;
}

function pinned(): unknown {
  const numbers = (group: readonly { name: string; value: number }[]) =>
    Object.fromEntries(group.map(({ name, value }) => [name, value]));
  return {
    version: contract.version,
    module: contract.module,
    memoryBytes: contract.memory.bytes,
    noDeadline: contract.noDeadline.toString(16),
    events: numbers(contract.events),
    signals: Object.fromEntries(contract.signals.map((s) => [s.name, `${s.direction} ${s.value}`])),
    adcChannels: numbers(contract.adcChannels),
    ports: numbers(contract.ports),
    resetCauses: numbers(contract.resetCauses),
    smbusRequests: numbers(contract.smbusRequests),
    smbus: contract.smbus,
    i2c: contract.i2c,
    i2cResults: numbers(contract.i2cResults),
    flash: contract.flash,
    flashResults: numbers(contract.flashResults),
    sampling: contract.sampling,
    retained: contract.retained,
    trapKinds: numbers(contract.trapKinds),
    records: Object.fromEntries(contract.records.map((r) => [r.name, r.fields.map((field) => field.name)])),
    imports: contract.imports.map(signature),
    exports: contract.exports.map(signature),
  };
}

test("names and numbers of the contract match the golden file of its version", () => {
  const golden = JSON.parse(readFileSync(new URL("./contract.golden.json", import.meta.url), "utf8"));
  assert.deepEqual(pinned(), golden);
});

test("bits and numbers within a group are unique, records are as long as the blocks that carry them", () => {
  for (const group of [
    contract.events,
    contract.signals,
    contract.adcChannels,
    contract.ports,
    contract.resetCauses,
    contract.smbusRequests,
    contract.i2cResults,
    contract.trapKinds,
    contract.flashResults,
  ]) {
    const values = group.map(({ value }) => value);
    assert.equal(new Set(values).size, values.length);
  }
  const words = (name: string) => contract.records.find((record) => record.name === name)?.fields.length;
  const block = (item: string) => {
    const found = contract.imports.find(({ name }) => name === item);
    const pointer = found?.parameters.find(({ type }) => typeof type === "object")?.type;
    return typeof pointer === "object" ? pointer.length : undefined;
  };
  assert.equal(block("system_info"), words("SystemInfo"));
  assert.equal(block("uart_counters"), words("PortCounters"));
  assert.equal(block("smbus_counters"), words("SmbusCounters"));
  assert.equal(block("smbus_take"), contract.smbus.requestBytes);
  assert.equal(block("samples_take"), words("Samples"));
  assert.equal(block("trip_read"), words("Trip"));
  assert.equal(block("trace_info"), words("Trace"));
  assert.equal(block("trace_read"), contract.sampling.channels);
  assert.equal(contract.adcChannels.length, contract.sampling.channels);
});

test("the host has room for every long response the table can have, and for one that replaces another", () => {
  const { pages: mostPages, longResponsesPerPage } = contract.smbus;
  const prepared = commands.filter(({ read, prepared }) => read === "block" && prepared);
  for (let pages = 1; pages <= mostPages; pages++) {
    const needed = prepared.reduce((sum, { pages: own }) => sum + (own?.join() === "0" ? 1 : pages), 0);
    const room = pages * longResponsesPerPage;
    assert.ok(needed + 1 <= room, `${pages} pages: ${needed} and one, room for ${room}`);
  }
});
