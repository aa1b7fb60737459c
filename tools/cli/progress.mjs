const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/**
 * Shows on standard error what is being waited for: one moving line a step on a terminal, plain lines elsewhere. Standard output is left
 * to results.
 */
export class Progress {
  constructor(stream = process.stderr) {
    this.stream = stream;
    this.moving = Boolean(stream.isTTY) && !process.env.CI;
  }

  note(text) {
    this.stream.write(`${text}\n`);
  }

  /** Runs `work` under a label. What it returns may carry `.summary`, shown when it is done. `work` gets a function that changes the label. */
  async step(label, work) {
    const since = Date.now();
    let current = label;
    const stop = this.#show(() => `${current} … ${seconds(since)}`);
    const update = (text) => {
      if (text === current) return;
      current = text;
      if (!this.moving) this.note(`… ${text}`);
    };
    if (!this.moving) this.note(`… ${label}`);
    try {
      const result = await work(update);
      stop();
      this.note(`✓ ${result?.summary ?? current} (${seconds(since)})`);
      return result;
    } catch (error) {
      stop();
      this.note(`✗ ${current} (${seconds(since)})`);
      throw error;
    }
  }

  #show(line) {
    if (!this.moving) return () => {};
    let frame = 0;
    const draw = () =>
      this.stream.write(
        `\r\x1b[2K${frames[frame++ % frames.length]} ${line().slice(0, (this.stream.columns ?? 80) - 3)}`,
      );
    draw();
    const timer = setInterval(draw, 100);
    return () => {
      clearInterval(timer);
      this.stream.write('\r\x1b[2K');
    };
  }
}
