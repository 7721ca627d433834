/** The restore policy: the `policy` command, and the one way to set another. */
import { endLine, key, text } from "../console/output";
import { policyText } from "../console/power-words";
import * as settings from "../settings/settings";
import * as power from "./power";
import { Origin, RestorePolicy } from "./states";

export const NAMES: StaticArray<string> = ["last", "always-on", "always-off"];

export function show(): void {
  key("policy");
  text(policyText(settings.restorePolicy()));
  endLine();
}

/** Takes effect at once, and is kept. */
export function set(now_us: u64, policy: RestorePolicy, origin: Origin): void {
  settings.setRestorePolicy(policy);
  power.setPolicy(now_us, policy, origin);
}
