/**
 * The server's side of a dialogue: messages in, effects out. One state machine a mode.
 *
 * @module
 */
export { AuthDialogue, type AuthOptions, type Registration } from "./auth_dialogue.ts";
export type { DialogueEvent, Effect, Identity, LogFields, ServerDialogue, SessionRef } from "./effects.ts";
export { IdentifyDialogue } from "./identify_dialogue.ts";
export type {
  AuthServices,
  IdentifyServices,
  IssuedToken,
  KnownUser,
  PasswordService,
  Resumption,
  SessionService,
} from "./services.ts";
