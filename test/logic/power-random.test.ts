/**
 * The whole logic in a world that misbehaves at random: supplies, board, OS, input power, sensors, people and
 * restarts. The test checks the invariants from outside, on the signals. test/lab/fuzz/power.test.ts walks
 * over all states of the sequencer alone; here everything around it takes part.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Port, Signal } from "../../simulator/generated/abi.ts";
import { Random } from "../support/logic.ts";
import { ENABLES, GOOD, PowerWorld } from "../support/power-world.ts";

const SEEDS = 5;
const STEPS = 100_000;
const COMMANDS = [
  "power on\r",
  "power on\r",
  "power off --yes\r",
  "power force-off --yes\r",
  "power cycle --yes\r",
  "power reset --yes\r",
  "fault clear\r",
  "policy last\r",
  "policy always-on\r",
  "policy always-off\r",
];
/** Numbers of states in assembly/power/states.ts. */
const FAULT = 8;
const RAIL_DOWN = 5;
const STATES = 12;

/** A removal: the connector's bouncing, and a pass. */
const REMOVAL_MS = 20;
/** An input loss: window and filter of the input's limit, and the time of both rails to go down. */
const INPUT_LOSS_MS = 60;
/** An input loss with nothing enabled: two of the longer windows. */
const INPUT_LOSS_OFF_MS = 220;
/** Time to detect a sensor without noise: a second, its settling time and three windows. */
const FROZEN_MS = 1600;
/** Time until a sensor that shows noise again is trusted again. */
const THAWED_MS = 600;

class RandomSlot {
  readonly world = new PowerWorld();
  readonly states = new Set<number>();
  readonly restarts: number[] = [];
  private absent_ms = 0;
  private lost_ms = 0;
  private frozen_ms = 0;
  private thawed_ms = 0;
  private time_us = 0n;
  private isFrozen = false;
  private before = { state: 0, enabled: false };
  private cleared = false;

  constructor(
    readonly random: Random,
    private readonly where: () => string,
  ) {}

  /** Makes one thing happen, and lets some time pass. */
  step(): void {
    const { random, world } = this;
    this.cleared = false;
    const { host } = world;
    switch (random.below(24)) {
      case 0:
      case 1:
      case 2: {
        const command = COMMANDS[random.below(COMMANDS.length)] as string;
        this.cleared = command.startsWith("fault");
        host.receive(Port.CONSOLE, command);
        break;
      }
      case 3:
        if (random.below(4) === 0) host.setInputs(Signal.PRESENT, 0);
        break;
      case 4:
      case 5:
        host.setInputs(Signal.PRESENT, Signal.PRESENT);
        break;
      case 6:
        host.setInputs(Signal.HALTED, random.below(2) ? Signal.HALTED : 0);
        break;
      case 7:
        if (random.below(6) === 0) world.rails[random.below(2)] = random.below(3) ? "dead" : "stuck";
        break;
      case 8:
      case 9:
        world.rails.fill("well");
        break;
      case 10:
        if (random.below(10) === 0) world.glitch(random.below(2) ? Signal.PG_RAIL_1 : Signal.PG_RAIL_0);
        break;
      case 11:
        if (random.below(10) === 0) world.surge();
        break;
      case 12:
        if (random.below(8) === 0) world.input = random.below(2) ? "lost" : "between";
        break;
      case 13:
      case 14:
        world.input = "good";
        break;
      case 15:
        this.isFrozen = random.below(8) === 0;
        world.freezeInputSensor(this.isFrozen);
        break;
      case 16:
        if (random.below(20) === 0) this.restart();
        break;
      default:
    }
    const long = [300, 1500, 6000, 70_000][random.below(4)] as number;
    this.wait(random.below(120) === 0 ? 1 + random.below(long) : 1 + random.below(30));
  }

  wait(ms: number): void {
    this.world.wait(ms, () => this.check());
  }

  private restart(): void {
    this.world.restart();
    this.frozen_ms = 0; // has to be detected again
    // A restart completes transitions that began before it. The checks apply to what comes after it.
    this.before = { state: this.world.remembered.state, enabled: this.world.asserted(ENABLES) };
    this.restarts.push(this.before.state);
  }

  private check(): void {
    const { world, where } = this;
    const { host } = world;
    const { state, tries } = world.remembered;
    const passed_ms = Number(host.now_us - this.time_us) / 1000;
    this.time_us = host.now_us;
    this.states.add(state);
    assert.ok(state < STATES && tries <= 3, where());
    const since = (is: boolean, ms: number) => (is ? ms + passed_ms : 0);
    this.absent_ms = since(!world.asserted(Signal.PRESENT), this.absent_ms);
    this.frozen_ms = since(this.isFrozen, this.frozen_ms);
    this.thawed_ms = since(!this.isFrozen, this.thawed_ms);
    this.lost_ms = since(world.input === "lost" && this.thawed_ms > THAWED_MS, this.lost_ms);
    if (world.asserted(Signal.EN_RAIL_1)) assert.ok(world.asserted(Signal.EN_RAIL_0), `5V alone, ${where()}`);
    if (world.asserted(Signal.COMPUTE_RUN)) {
      assert.ok(world.asserted(Signal.EN_RAIL_1), `COMPUTE_RUN released without its rail, ${where()}`);
      assert.equal(host.signals & GOOD, GOOD, `COMPUTE_RUN released without power-good, ${where()}`);
      assert.ok(this.absent_ms < REMOVAL_MS, `power without a board, ${where()}`);
      assert.ok(this.lost_ms < INPUT_LOSS_MS, `power without an input, ${where()}`);
    }
    if (world.asserted(Signal.SHUTDOWN_REQ)) assert.ok(world.asserted(Signal.COMPUTE_RUN), where());
    this.checkRise(state, passed_ms);
    if (this.before.state === FAULT)
      assert.ok(state === FAULT || this.cleared, `a latched fault went by itself, ${where()}`);
    this.before = { state, enabled: world.asserted(ENABLES) };
  }

  /** Checks that an output is enabled only if everything needed was there all the time. */
  private checkRise(state: number, passed_ms: number): void {
    if (this.before.enabled || !this.world.asserted(ENABLES)) return;
    const { where } = this;
    assert.notEqual(state, FAULT, where());
    assert.notEqual(state, RAIL_DOWN, where());
    assert.ok(this.before.state !== FAULT || this.cleared, `up from a latched fault, ${where()}`);
    assert.ok(this.absent_ms <= passed_ms, `up without a board, ${where()}`);
    assert.ok(this.lost_ms <= INPUT_LOSS_OFF_MS, `up without an input, ${where()}`);
    assert.ok(this.frozen_ms <= FROZEN_MS, `up with a sensor that reads nonsense, ${where()}`);
  }

  /** Restores everything and asks for power: the slot must come on. */
  recover(): void {
    const { world } = this;
    const { host } = world;
    world.rails.fill("well");
    world.input = "good";
    this.isFrozen = false;
    world.freezeInputSensor(false);
    host.setInputs(Signal.PRESENT | Signal.HALTED, Signal.PRESENT);
    this.wait(70_000);
    this.cleared = true;
    host.receive(Port.CONSOLE, "fault clear\r");
    this.wait(5);
    host.receive(Port.CONSOLE, "power on\r");
    this.wait(1000);
    assert.ok(world.asserted(Signal.COMPUTE_RUN), `does not come on, ${this.where()}`);
  }
}

test("half a million random steps keep the invariants (seed printed on failure)", () => {
  const states = new Set<number>();
  const restarts = new Set<number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    let at = 0;
    const slot = new RandomSlot(new Random(seed), () => `seed ${seed}, step ${at}`);
    for (; at < STEPS; at++) {
      slot.step();
      if (at % 5000 === 4999) slot.recover();
    }
    for (const state of slot.states) states.add(state);
    for (const state of slot.restarts) restarts.add(state);
  }
  assert.equal(states.size, STATES, `states seen: ${[...states]}`);
  assert.ok(restarts.size > STATES / 2, `restarts in states ${[...restarts]}`);
});
