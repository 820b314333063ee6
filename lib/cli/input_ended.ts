/** The user pressed Ctrl-C (`interrupt`) or Ctrl-D (`end`) where a line was expected. */
export class InputEnded extends Error {
  override readonly name = "InputEnded";
  constructor(readonly by: "interrupt" | "end") {
    super(`input was ended by ${by}`);
  }
}
