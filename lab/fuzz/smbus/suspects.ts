/**
 * The model after a message that was cut. The slot may have executed all of it, part of it, or nothing.
 * Each of these is a model of its own, until later reads leave only one. If none is left, the slot is
 * wrong.
 */
import { Model, type Segment } from "./model.ts";
import type { Rules } from "./rules.ts";
import type { World } from "./world.ts";

/** One way in which the slot may have received a message. */
export type Version = (model: Model) => void;

export class Suspects {
  #models: Model[];

  constructor(rules: Rules, world: World) {
    this.#models = [new Model(rules, world)];
  }

  get count(): number {
    return this.#models.length;
  }

  /** Returns one of the models; the only one if there is no doubt. */
  get first(): Model {
    return this.#models[0] as Model;
  }

  each(change: Version): void {
    for (const model of this.#models) change(model);
  }

  /** Plays a message that arrived whole. Returns what contradicts all models, or null. */
  play(segments: readonly Segment[], answers: readonly Uint8Array[], broken = false): string | null {
    const problems: string[] = [];
    const left = this.#models.filter((model) => {
      const problem = model.play(segments, answers, broken);
      if (problem) problems.push(problem);
      return !problem;
    });
    if (left.length === 0) return [...new Set(problems)].join("; or ");
    this.#models = left;
    if (left.length > 1) this.#merge();
    return null;
  }

  /** A message arrived in an unknown version: all of these are possible. */
  split(versions: readonly Version[]): void {
    this.#models = this.#models.flatMap((model) =>
      versions.map((change) => {
        const version = model.clone();
        change(version);
        return version;
      }),
    );
    this.#merge();
  }

  /** Keeps the models that `fits` accepts. Returns false if it accepts none, and then keeps all. */
  keep(fits: (model: Model) => boolean): boolean {
    const left = this.#models.filter(fits);
    if (left.length > 0) this.#models = left;
    return left.length > 0;
  }

  #merge(): void {
    const kept = new Map<string, Model>();
    for (const model of this.#models) {
      const same = kept.get(model.key);
      if (!same) kept.set(model.key, model);
      else {
        same.refused.least = Math.min(same.refused.least, model.refused.least);
        same.refused.most = Math.max(same.refused.most, model.refused.most);
      }
    }
    this.#models = [...kept.values()];
  }
}
