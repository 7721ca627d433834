/** Where served slots have their sockets: names, paths, limits, who may enter, and who gets a place. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { UsageError } from "../../../cli/usage-error.ts";
import { claim, isAlive } from "../../../simulator/serve/claim.ts";
import { knownNames, makeFolder, placeOf } from "../../../simulator/serve/place.ts";
import { socketFolder } from "../../support/served-slot.ts";

let home: ReturnType<typeof socketFolder>;
const before = process.env.XDG_RUNTIME_DIR;
beforeEach(() => {
  home = socketFolder();
  process.env.XDG_RUNTIME_DIR = home.folder;
});
afterEach(() => {
  home.remove();
  if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
  else process.env.XDG_RUNTIME_DIR = before;
});

const refused = (act: () => unknown, message: RegExp) =>
  assert.throws(act, (error) => error instanceof UsageError && message.test(error.message));

describe("the place of a served slot", () => {
  it("is a folder of the user's runtime directory, or the path that is given", () => {
    assert.equal(placeOf().control, join(home.folder, "racklet-bmc", "slot", "control.sock"));
    assert.equal(placeOf("").name, "slot");
    assert.equal(placeOf("rack-2").folder, join(home.folder, "racklet-bmc", "rack-2"));
    assert.equal(placeOf("/some/where").console, "/some/where/console.sock");
    delete process.env.XDG_RUNTIME_DIR;
    assert.match(placeOf().folder, /racklet-bmc-\d+\/slot$/);
  });

  it("has a name that cannot lead elsewhere, and a path that a socket can have", () => {
    for (const name of ["..", ".x", "-x", "a b", "x".repeat(33), "a\nb"])
      refused(() => placeOf(name), /is no name for a served slot: up to 32 letters/);
    const [longest, longer] = [`/${"x".repeat(93)}`, `/${"x".repeat(94)}`];
    if (process.platform === "linux") assert.equal(placeOf(longest).control.length, 107);
    refused(
      () => placeOf(longer),
      /would have paths of 108 bytes, and a Unix socket takes 10\d at most; use a shorter path, for example \//,
    );
    refused(() => placeOf(`/${"ä".repeat(50)}`), /paths of 11\d bytes/);
  });

  it("is only for its user", () => {
    const place = placeOf("mine");
    assert.equal(makeFolder(place), true);
    assert.equal(makeFolder(place), false);
    for (const folder of [place.folder, join(home.folder, "racklet-bmc")])
      assert.equal(statSync(folder).mode & 0o777, 0o700);
    chmodSync(place.folder, 0o755);
    refused(() => makeFolder(place), /^other users can enter .*mine, .*chmod 700 .*mine/);
    writeFileSync(join(home.folder, "file"), "");
    refused(() => makeFolder(placeOf(join(home.folder, "file"))), /is no folder/);
    refused(
      () => makeFolder(placeOf(join(home.folder, "no", "where"))),
      /^there is no folder .*no; make it first/,
    );
    mkdirSync(join(home.folder, "real"), { mode: 0o700 });
    symlinkSync(join(home.folder, "real"), join(home.folder, "link"));
    refused(() => makeFolder(placeOf(join(home.folder, "link"))), /is no folder/);
    assert.deepEqual(knownNames(), ["mine"]);
  });
});

describe("the claim of a place", () => {
  const servers: Server[] = [];
  const server = () => {
    const one = createServer();
    servers.push(one);
    return one;
  };
  afterEach(() => {
    for (const one of servers.splice(0)) one.close();
  });
  const made = () => {
    const place = placeOf("claimed");
    makeFolder(place);
    return place;
  };

  it("goes to one server, and the other gets a sentence that says what to do", async () => {
    const place = made();
    await claim(server(), place);
    assert.equal(statSync(place.control).mode & 0o777, 0o600);
    const second = server();
    await assert.rejects(
      claim(second, place),
      /^Error: a slot is served as claimed already; attach .*--attach claimed, end it .*stop, or serve this one under/,
    );
    assert.equal(second.listening, false);
    assert.equal(await isAlive(place.control), true);
    assert.deepEqual(readdirSync(place.folder), ["control.sock"]);
  });

  it("replaces the socket of a dead server", async () => {
    const place = made();
    await claim(server(), place);
    const dead = servers.pop() as Server;
    // Its name alone is left, as after a kill.
    await new Promise((resolve) => dead.close(resolve));
    assert.equal(existsSync(place.control), true);
    assert.equal(await isAlive(place.control), false);
    await claim(server(), place);
    assert.equal(await isAlive(place.control), true);
    assert.deepEqual(readdirSync(place.folder), ["control.sock"]);
  });

  it("leaves what is no socket", async () => {
    const place = made();
    writeFileSync(place.control, "precious");
    await assert.rejects(claim(server(), place), /control\.sock is no socket; remove it/);
    assert.equal(statSync(place.control).size, 8);
  });
});
