/**
 * Keeps events and stages of a run in bounded memory. It keeps the first and the last events, faults apart
 * from ordinary ones so that these cannot push them out. It keeps all stages but the shortest.
 */
import type { ComputeStage } from "../../devices/compute/compute-load.ts";
import type { EventSink, SlotEvent } from "./slot-events.ts";

/**
 * Number of events kept at either end, of ordinary events and of faults each. A boot from off to off has
 * about twenty.
 */
const KEPT_AT_EITHER_END = 18;
/** With more spans each would be too narrow to be seen. */
const MOST_SPANS = 120;

export interface Span {
  readonly fromNanos: number;
  readonly stage: ComputeStage;
}

/** `order` keeps events of the same instant in the order in which they came. */
interface Entry extends SlotEvent {
  readonly order: number;
}

/** The first and the last events of a series. */
class Ends {
  readonly #first: Entry[] = [];
  readonly #last: Entry[] = [];
  #leftOut = 0;

  add(event: Entry): void {
    if (this.#first.length < KEPT_AT_EITHER_END) {
      this.#first.push(event);
      return;
    }
    this.#last.push(event);
    if (this.#last.length <= KEPT_AT_EITHER_END) return;
    this.#last.shift();
    this.#leftOut++;
  }

  get kept(): readonly Entry[] {
    return [...this.#first, ...this.#last];
  }

  get leftOut(): number {
    return this.#leftOut;
  }
}

export class Chronicle implements EventSink {
  readonly #ordinary = new Ends();
  readonly #faults = new Ends();
  readonly #spans: Span[] = [];
  #order = 0;

  event(event: SlotEvent): void {
    (event.isFault ? this.#faults : this.#ordinary).add({ ...event, order: this.#order++ });
  }

  stage(nanos: number, stage: ComputeStage): void {
    // The board's first stage is a state, not an event.
    if (this.#spans.length > 0) this.event({ nanos, text: `stage ${stage}`, isFault: stage === "brown-out" });
    this.#spans.push({ fromNanos: nanos, stage });
    if (this.#spans.length > MOST_SPANS) this.#absorbShortest();
  }

  /** The kept events in the order of time. */
  get events(): readonly SlotEvent[] {
    const inOrder = (left: Entry, right: Entry) => left.nanos - right.nanos || left.order - right.order;
    return [...this.#ordinary.kept, ...this.#faults.kept].sort(inOrder);
  }

  /** Number of events that are no longer kept. */
  get leftOut(): number {
    return this.#ordinary.leftOut + this.#faults.leftOut;
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }

  /**
   * Removes the shortest span; its time goes to the span before it. The first span stays, and the last, which
   * still grows.
   */
  #absorbShortest(): void {
    let shortest = 1;
    for (let index = 2; index + 1 < this.#spans.length; index++) {
      if (this.#nanosOf(index) < this.#nanosOf(shortest)) shortest = index;
    }
    this.#spans.splice(shortest, 1);
  }

  #nanosOf(index: number): number {
    return (this.#spans[index + 1] as Span).fromNanos - (this.#spans[index] as Span).fromNanos;
  }
}
