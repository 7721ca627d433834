/** The values that only the linked image shows, as an engine returns them for the final link. */
export interface FinalLink {
  /** Symbols for host/link.ld. */
  readonly settings: Readonly<Record<string, number>>;
  /** Contents of sections that were empty before, by name. */
  readonly contents?: Readonly<Record<string, Uint8Array>>;
  /** The most native stack the process needs in an export; null where there is no bound. */
  readonly nativeStackBytes?: Readonly<Record<string, number | null>>;
}
