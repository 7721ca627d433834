/** What `policy` prints, and the names it takes. */
import { restorePolicyText } from "../generated/vocabulary";
import * as settings from "../settings/settings";
import { endLine, key, text } from "./output";

export const NAMES: StaticArray<string> = ["last", "always-on", "always-off"];

export function show(): void {
  key("policy");
  text(restorePolicyText(settings.restorePolicy()));
  endLine();
}
