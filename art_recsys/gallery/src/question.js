/* A question before something that cannot be undone. */

import { button, make } from "./dom.js";

export class Question {
  /** @param {import("./shell.js").Shell} shell */
  constructor(shell) {
    const { dialog, body } = shell.dialog("question", "question-title", () => this.answer(false));
    this.dialog = dialog;
    this.body = body;
    /** @type {(said: boolean) => void} */
    this.answer = () => {};
  }

  /**
   * Ask, and wait for the answer; closing the dialog says no.
   * @param {{ title: string, text: string, yes: string, no?: string }} words
   * @returns {Promise<boolean>}
   */
  ask({ title, text, yes, no = "Keep it" }) {
    return new Promise((resolve) => {
      this.answer = (said) => {
        this.answer = () => {};
        if (this.dialog.open) this.dialog.close();
        resolve(said);
      };
      this.body.replaceChildren(make("h2", { id: "question-title", tabindex: "-1" }, title), make("p", { class: "soft" }, text),
        make("div", { class: "actions" }, button(no, () => this.answer(false), { class: "pill" }),
          button(yes, () => this.answer(true), { class: "pill strong" })));
      this.dialog.showModal();
      this.body.querySelector("h2")?.focus();
    });
  }
}
