/**
 * The methods: what each is called, and whether a request whose reply was lost may be sent again.
 *
 * One row here is one method of `docs/protocol.md`; a test holds it to the broker's own table.
 */

/** @type {Readonly<Record<string, { repeatSafe: boolean }>>} */
export const METHODS = Object.freeze({
  "server.info": { repeatSafe: true },
  "member.whoami": { repeatSafe: true },
  "colony.add": { repeatSafe: true },
  "colony.remove": { repeatSafe: false },
  "colony.list": { repeatSafe: true },
  "colony.get": { repeatSafe: true },
  "executor.add": { repeatSafe: true },
  "executor.approve": { repeatSafe: true },
  "executor.reject": { repeatSafe: true },
  "executor.remove": { repeatSafe: false },
  "executor.list": { repeatSafe: true },
  "executor.get": { repeatSafe: true },
  "executor.resolve": { repeatSafe: true },
  "user.add": { repeatSafe: true },
  "user.list": { repeatSafe: true },
  "user.remove": { repeatSafe: false },
  "function.add": { repeatSafe: true },
  "function.list": { repeatSafe: true },
  "function.remove": { repeatSafe: false },
  "process.submit": { repeatSafe: true },
  "process.assign": { repeatSafe: true },
  "process.close": { repeatSafe: true },
  "process.hand_back": { repeatSafe: true },
  "process.get": { repeatSafe: true },
  "process.list": { repeatSafe: true },
  "process.cancel": { repeatSafe: true },
  "process.retry": { repeatSafe: true },
  "process.remove": { repeatSafe: false },
  "process.retry_matching": { repeatSafe: true },
  "process.cancel_matching": { repeatSafe: false },
  "process.remove_matching": { repeatSafe: false },
  "process.explain": { repeatSafe: true },
  "failure.list": { repeatSafe: true },
  "attribute.set": { repeatSafe: true },
  "attribute.list": { repeatSafe: true },
  "log.add": { repeatSafe: false },
  "log.list": { repeatSafe: true },
  "log.subscribe": { repeatSafe: true },
  subscribe: { repeatSafe: true },
  watch: { repeatSafe: true },
  "activity.subscribe": { repeatSafe: true },
  "stats.get": { repeatSafe: true },
  "stats.history": { repeatSafe: true },
  "stats.subscribe": { repeatSafe: true },
  "subscription.cancel": { repeatSafe: true },
});

/** @typedef {keyof typeof METHODS} MethodName */

export const MAX_ASSIGN_SECONDS = 60;
