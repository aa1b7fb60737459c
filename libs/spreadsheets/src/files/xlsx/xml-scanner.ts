import { limits } from '../workbook/limits.js';

/** The tag that was opened; what it carries is read only when somebody asks. */
export interface OpenedTag {
  /** By local name, without a namespace's prefix. */
  attributes(): Record<string, string>;
}

export interface XmlHandlers {
  /** Local name, without a namespace's prefix. */
  open?(name: string, tag: OpenedTag): void;
  close?(name: string): void;
  /** May come in several pieces. */
  text?(text: string): void;
}

/** Why a document is not read; the caller knows which part of which file it is. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
}

const notWellFormed = (what: string): XmlFault => new XmlFault(`is not well-formed (${what}); save the file again`);

const quote = 34;
const apostrophe = 39;
const slash = 47;
const colon = 58;
const less = 60;
const equals = 61;
const greater = 62;
const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

/** Longer than any tag of a workbook: what goes on without an end is no XML. */
const longestMarkup = 4 * 1024 * 1024;

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** References to the five characters of XML and to characters by number; documents without a DOCTYPE can have no others. */
function decoded(text: string): string {
  const plain = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  if (!plain.includes('&')) return plain;
  return plain.replace(/&([^;&]{0,12})(;?)/g, (_, reference: string, end: string) => {
    const code = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(reference);
    const point = code ? Number.parseInt(code[1] ?? code[2]!, code[1] === undefined ? 10 : 16) : 0;
    const character = code && point <= 0x10ffff ? String.fromCodePoint(point) : entities[reference];
    if (end === '' || character === undefined) throw notWellFormed(`&${reference}`);
    return character;
  });
}

/**
 * Reads XML as it comes in: tags, text, CDATA. Refuses a DOCTYPE (it is what entity bombs and external entities need; no workbook has one),
 * what is nested deeper than any workbook, and what is not balanced. It is a scanner for the parts of workbooks and takes a third of the time
 * of a parser of all of XML (docs/adr/0035): names and attributes are not checked for what characters they may have.
 */
export class XmlScanner implements OpenedTag {
  private text = '';
  private readonly open: string[] = [];
  private seenRoot = false;
  private tagFrom = 0;
  private tagTo = 0;

  constructor(private readonly handlers: XmlHandlers) {}

  write(more: string): void {
    this.text = this.text === '' ? more : this.text + more;
    let at = 0;
    for (;;) {
      const tag = this.text.indexOf('<', at);
      if (tag < 0) break;
      if (tag > at) this.characters(this.text.slice(at, tag));
      const end = this.markup(tag);
      if (end < 0) {
        at = tag;
        break;
      }
      at = end;
    }
    this.text = at === 0 ? this.text : this.text.slice(at);
    if (this.text.length > longestMarkup) throw notWellFormed('markup without an end');
  }

  close(): void {
    if (this.text.trim() !== '') throw notWellFormed('it is cut off');
    if (this.open.length > 0) throw notWellFormed(`<${this.open.at(-1)}> is not closed`);
    if (!this.seenRoot) throw notWellFormed('it is empty');
  }

  attributes(): Record<string, string> {
    const { text, tagTo } = this;
    const found: Record<string, string> = {};
    let at = this.tagFrom;
    for (;;) {
      while (at < tagTo && isSpace(text.charCodeAt(at))) at += 1;
      if (at >= tagTo) return found;
      let from = at;
      let code = text.charCodeAt(at);
      for (; at < tagTo && code !== equals && !isSpace(code); code = text.charCodeAt((at += 1)))
        if (code === colon) from = at + 1;
      const name = text.slice(from, at);
      while (at < tagTo && isSpace(text.charCodeAt(at))) at += 1;
      if (text.charCodeAt(at) !== equals) throw notWellFormed(`attribute ${name}`);
      at += 1;
      while (at < tagTo && isSpace(text.charCodeAt(at))) at += 1;
      const mark = text.charCodeAt(at);
      const end = mark === quote ? text.indexOf('"', at + 1) : mark === apostrophe ? text.indexOf("'", at + 1) : -1;
      if (end < 0 || end >= tagTo) throw notWellFormed(`attribute ${name}`);
      const value = text.slice(at + 1, end);
      // Of two of a local name the first counts: r of a cell, not x:r.
      found[name] ??= value.includes('&') ? decoded(value) : value;
      at = end + 1;
    }
  }

  private characters(text: string): void {
    if (this.open.length === 0) {
      if (text.replace('\ufeff', '').trim() !== '') throw notWellFormed('text outside of its root');
      return;
    }
    this.handlers.text?.(decoded(text));
  }

  /** Where it ends; -1 when its end has not come yet. */
  private markup(at: number): number {
    switch (this.text.charCodeAt(at + 1)) {
      case slash:
        return this.closing(at);
      case 63: // ?
        return this.skip(at, '?>');
      case 33: // !
        return this.declaration(at);
      default:
        return this.opening(at);
    }
  }

  private skip(at: number, end: string): number {
    const found = this.text.indexOf(end, at + 2);
    return found < 0 ? -1 : found + end.length;
  }

  private declaration(at: number): number {
    const { text } = this;
    if (text.startsWith('<!--', at)) return text.indexOf('-->', at + 4) < 0 ? -1 : text.indexOf('-->', at + 4) + 3;
    if (text.startsWith('<![CDATA[', at)) {
      const end = text.indexOf(']]>', at + 9);
      if (end < 0) return -1;
      if (this.open.length === 0) throw notWellFormed('text outside of its root');
      this.handlers.text?.(text.slice(at + 9, end));
      return end + 3;
    }
    if (text.length < at + 9) return -1;
    if (/^<!DOCTYPE/i.test(text.slice(at, at + 9)))
      throw new XmlFault('has a DOCTYPE, which no workbook needs and which can be used to read other files');
    throw notWellFormed(text.slice(at, at + 9));
  }

  private closing(at: number): number {
    const end = this.text.indexOf('>', at);
    if (end < 0) return -1;
    let to = end;
    while (isSpace(this.text.charCodeAt(to - 1))) to -= 1;
    const name = this.localName(at + 2, to);
    const opened = this.open.pop();
    if (opened !== name) throw notWellFormed(`</${name.slice(0, 50)}> closes <${opened ?? ''}>`);
    this.handlers.close?.(name);
    return end + 1;
  }

  private opening(at: number): number {
    const { text, handlers } = this;
    let end = at + 1;
    for (; ; end += 1) {
      const code = text.charCodeAt(end);
      if (code === greater) break;
      if (code === quote || code === apostrophe) {
        end = text.indexOf(code === quote ? '"' : "'", end + 1);
        if (end < 0) return -1;
      } else if (code === less) throw notWellFormed('"<" in a tag');
      else if (Number.isNaN(code)) return -1;
    }
    const empty = text.charCodeAt(end - 1) === slash;
    this.tagTo = empty ? end - 1 : end;
    let to = at + 1;
    while (to < this.tagTo && !isSpace(text.charCodeAt(to))) to += 1;
    const name = this.localName(at + 1, to);
    if (name === '') throw notWellFormed('a tag without a name');
    if (this.open.length === 0 && this.seenRoot) throw notWellFormed('it has two roots');
    this.seenRoot = true;
    this.tagFrom = to;
    this.open.push(name);
    if (this.open.length > limits.xmlDepth) throw new XmlFault(`is nested deeper than ${limits.xmlDepth} levels`);
    handlers.open?.(name, this);
    if (empty) {
      this.open.pop();
      handlers.close?.(name);
    }
    return end + 1;
  }

  private localName(from: number, to: number): string {
    const name = this.text.slice(from, to);
    const prefix = name.indexOf(':');
    return prefix < 0 ? name : name.slice(prefix + 1);
  }
}
