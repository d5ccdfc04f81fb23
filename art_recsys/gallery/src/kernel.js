/* The kernel: it has all data, and every question to it gets one answer (see widget.py). */

const ANSWER_MS = 12_000; // Milliseconds without an answer after which a kernel counts as dead
const PING_MS = 20_000;

export class Refused extends Error {} // The kernel answered with an error
export class Lost extends Error {} // The kernel did not answer

/**
 * @typedef {object} Question
 * @property {(answer: any) => void} resolve
 * @property {(problem: Error) => void} reject
 * @property {ReturnType<typeof setTimeout>} [timer]
 */

/** Requests to the kernel, matched to answers by number. Voilà does not report a dead kernel; a timeout here does. */
export class Kernel {
  /** @param {any} model of anywidget @param {() => void} onLost called once, when the kernel does not answer any more */
  constructor(model, onLost) {
    this.model = model;
    this.onLost = onLost;
    /** @type {Map<number, Question>} */
    this.waiting = new Map();
    this.seq = 0;
    this.lost = false;
    this.hear = (/** @type {any} */ message) => this.receive(message);
    this.ping = () => {
      if (!document.hidden && !this.lost) this.ask("ping").catch(() => {});
    };
    model.on("msg:custom", this.hear);
    document.addEventListener("visibilitychange", this.ping);
    this.pinging = setInterval(this.ping, PING_MS);
  }

  /**
   * Ask the kernel. Rejects with `Refused` or `Lost`.
   * @param {string} type
   * @param {object} [body]
   * @returns {Promise<any>} its answer
   */
  ask(type, body = {}) {
    if (this.lost) return Promise.reject(new Lost());
    const seq = ++this.seq;
    return new Promise((resolve, reject) => {
      /** @type {Question} */
      const question = { resolve, reject };
      const expire = (/** @type {number} */ due) => {
        // The computer was asleep or the page hidden: restart the timeout.
        if (document.hidden || Date.now() - due > 3_000) arm();
        else this.lose();
      };
      const arm = () => {
        const due = Date.now() + ANSWER_MS;
        question.timer = setTimeout(() => expire(due), ANSWER_MS);
      };
      this.waiting.set(seq, question);
      arm();
      try {
        this.model.send({ type, seq, ...body });
      } catch {
        this.lose();
      }
    });
  }

  /** @param {any} message with the number of its question */
  receive(message) {
    const question = this.waiting.get(message?.seq);
    if (!question) return;
    this.waiting.delete(message.seq);
    clearTimeout(question.timer);
    if (message.type === "error") question.reject(new Refused(message.text));
    else question.resolve(message);
  }

  lose() {
    if (this.lost) return;
    this.lost = true;
    this.onLost();
    for (const question of this.waiting.values()) {
      clearTimeout(question.timer);
      question.reject(new Lost());
    }
    this.waiting.clear();
  }

  close() {
    this.model.off("msg:custom", this.hear);
    document.removeEventListener("visibilitychange", this.ping);
    clearInterval(this.pinging);
    for (const question of this.waiting.values()) clearTimeout(question.timer);
  }
}

