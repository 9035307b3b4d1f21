import { unlink } from '../text/hostile.ts';
import { markup, type Html } from './html.ts';

/** A mail before it is text or HTML: both are made from it, so that they say the same. All strings are plain text. */
export interface MailDocument {
  readonly language: string;
  readonly subject: string;
  readonly lead: string;
  readonly table: MailTable | null;
  /** Paragraphs of one line. */
  readonly lines: readonly string[];
  readonly sections: readonly MailSection[];
  readonly footer: string;
}

export interface MailTable {
  readonly head: readonly [string, string];
  readonly rows: readonly { readonly name: string; readonly now: string; readonly before: string }[];
  /** A row as a line of the text part. */
  readonly line: (name: string, now: string, before: string) => string;
}

export interface MailSection {
  readonly heading: string;
  /** Stands out, because the reader is to act on it. */
  readonly asks?: boolean;
  readonly entries: readonly MailEntry[];
}

/** One thing in a section: a name in bold with lines below it, or lines alone. */
export interface MailEntry {
  /** Stands before the name, where entries are counted. */
  readonly number?: number;
  readonly name: string | null;
  readonly badge: string | null;
  readonly lines: readonly { readonly when: string | null; readonly text: string }[];
}

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Renders both parts. Nothing in them is a link: all text is escaped and unlinked, and no remote content is named. */
export function renderMail(document: MailDocument): RenderedMail {
  return {
    subject: unlink(oneLine(document.subject)),
    text: renderText(document),
    html: `<!doctype html>\n${renderHtml(document).toString()}\n`,
  };
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function renderText(document: MailDocument): string {
  return `${unlink(textPart(document))}\n`;
}

/** The text part before it is made safe from links: its words can be counted. */
export function textPart(document: MailDocument): string {
  const { table } = document;
  const blocks = [
    [document.lead],
    table === null ? [] : table.rows.map((row) => `  ${table.line(row.name, row.now, row.before)}`),
    document.lines,
    ...document.sections.map((section) => [section.heading, ...section.entries.flatMap(entryText)]),
    [document.footer],
  ];
  // The short form (nothing but lines) is set close, as the five lines that it is.
  const gap = table === null && document.sections.length === 0 ? '\n' : '\n\n';
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map(trimEnd).join('\n'))
    .join(gap);
}

function trimEnd(line: string): string {
  return line.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trimEnd();
}

function entryText(entry: MailEntry): string[] {
  const lines = entry.lines.map((line) => (line.when === null ? line.text : `${line.when}: ${line.text}`));
  if (entry.name === null) return lines.map((line) => `- ${line}`);
  const mark = entry.number === undefined ? '-' : `${entry.number}.`;
  return [
    `${mark} ${entry.name}${entry.badge === null ? '' : ` [${entry.badge}]`}`,
    ...lines.map((line) => `    ${line}`),
  ];
}

/*
 * Outlook for Windows draws with Word: it knows tables, width attributes and inline style, no padding of a table and no
 * max-width, so it gets a table of its own (the conditional comments). The style block adds what others can do: dark
 * colours, less margin on a phone. A client that drops it shows the light mail, whose width is the screen's.
 */
const STYLE = markup`<style>
  :root {
    color-scheme: light dark;
  }
  @media (prefers-color-scheme: dark) {
    .page {
      background-color: #14171a !important;
    }
    .card {
      background-color: #1d2125 !important;
    }
    .ink {
      color: #e8eaed !important;
    }
    .soft {
      color: #a9b1ba !important;
    }
    .rule {
      border-color: #3a4148 !important;
    }
    .badge {
      background-color: #5b1f1f !important;
      color: #ffd9d6 !important;
    }
    .asks {
      background-color: #2b2a1c !important;
    }
  }
  @media (max-width: 480px) {
    .pad {
      padding: 20px 16px !important;
    }
    .page {
      padding: 0 !important;
    }
  }
</style>`;

/** Word scales by the screen's density otherwise, and takes Times where it does not know the first font. */
const FOR_WORD = markup`<!--[if mso]><xml><o:OfficeDocumentSettings xmlns:o="urn:schemas-microsoft-com:office:office"><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><style>p, td, th, h2, span { font-family: Arial, sans-serif !important; }</style><![endif]-->`;
const WORD_BEGIN = markup`<!--[if mso]><table role="presentation" width="640" align="center" cellpadding="0" cellspacing="0" border="0"><tr><td width="640"><![endif]-->`;
const WORD_END = markup`<!--[if mso]></td></tr></table><![endif]-->`;

function renderHtml(document: MailDocument): Html {
  return markup`<html lang="${document.language}">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="supported-color-schemes" content="light dark" />
      <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no" />
      <title>${document.subject}</title>
      ${FOR_WORD}${STYLE}
    </head>
    <body class="page" style="margin:0;padding:0;background-color:#f2f4f6">
      <table
        role="presentation"
        width="100%"
        cellpadding="0"
        cellspacing="0"
        border="0"
        class="page"
        bgcolor="#f2f4f6"
      >
        <tr>
          <td class="page" align="center" bgcolor="#f2f4f6" style="padding:24px 12px">
            ${WORD_BEGIN}${renderCard(document)}${WORD_END}
          </td>
        </tr>
      </table>
    </body>
  </html>`;
}

function renderCard(document: MailDocument): Html {
  return markup`<table
    role="presentation"
    class="card"
    width="100%"
    cellpadding="0"
    cellspacing="0"
    border="0"
    bgcolor="#ffffff"
    style="max-width:640px;background-color:#ffffff"
  >
    <tr>
      <td class="pad" align="left" style="padding:32px;word-break:break-word">
        <p class="ink" style="margin:0 0 20px;${STYLED.lead}">${document.lead}</p>
        ${document.table === null ? null : renderTable(document.table)}
        ${document.lines.map((line) => markup`<p class="ink" style="margin:0 0 10px;${STYLED.text}">${line}</p> `)}
        ${document.lines.length > 0 && document.sections.length > 0 ? markup`<p style="margin:0;font-size:1px;line-height:12px">&#160;</p>` : null}
        ${document.sections.map(renderSection)}
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
          <tr>
            <td class="soft rule" style="padding:12px 0 0;border-top:1px solid #dde2e7;${STYLED.small}">
              ${document.footer}
            </td>
          </tr>
        </table>
      </td>
    </tr>
  </table>`;
}

const FONT = markup`font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif`;
const STYLED = {
  lead: markup`${FONT};font-size:19px;line-height:27px;font-weight:bold;color:#1b1f23`,
  text: markup`${FONT};font-size:15px;line-height:22px;color:#1b1f23`,
  heading: markup`${FONT};font-size:16px;line-height:22px;font-weight:bold;color:#1b1f23`,
  small: markup`${FONT};font-size:13px;line-height:19px;color:#5b6670`,
  number: markup`${FONT};font-size:15px;line-height:22px;font-weight:bold;color:#1b1f23`,
  badge: markup`${FONT};font-size:12px;line-height:16px;font-weight:bold;color:#8a1c1c`,
};

function renderTable(table: MailTable): Html {
  return markup`<table
    width="100%"
    cellpadding="0"
    cellspacing="0"
    border="0"
    style="margin:0 0 20px;border-collapse:collapse;word-break:normal"
  >
    <tr>
      <td width="46%"></td>
      ${table.head.map((head) => markup`<th align="left" valign="bottom" width="27%" scope="col" class="soft" style="white-space:nowrap;padding:0 0 4px 12px;font-weight:normal;${STYLED.small}">${head}</th>`)}
    </tr>
    ${table.rows.map(
      (row) =>
        markup`<tr>
          <th
            align="left"
            valign="top"
            scope="row"
            class="ink rule"
            style="padding:7px 0;border-top:1px solid #dde2e7;font-weight:normal;${STYLED.text}"
          >
            ${row.name}
          </th>
          <td class="ink rule" valign="top" style="white-space:nowrap;padding:7px 0 7px 12px;border-top:1px solid #dde2e7;${STYLED.number}">
            ${row.now}
          </td>
          <td class="soft rule" valign="top" style="white-space:nowrap;padding:7px 0 7px 12px;border-top:1px solid #dde2e7;${STYLED.small}">
            ${row.before}
          </td>
        </tr> `,
    )}
  </table>`;
}

function renderSection(section: MailSection): Html {
  const content = markup`<h2 class="ink" style="margin:0 0 8px;${STYLED.heading}">${section.heading}</h2>
    ${section.entries.map(renderEntry)}`;
  // The last paragraph of a plain section brings a margin of its own.
  const gap = section.asks === true ? 26 : 14;
  const cell =
    section.asks === true
      ? markup`<td class="asks" bgcolor="#fff6e0" style="padding:14px 16px 4px;background-color:#fff6e0">${content}</td>`
      : markup`<td style="padding:0">${content}</td>`;
  return markup`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr>${cell}</tr><tr><td height="${gap}" style="font-size:1px;line-height:${gap}px">&#160;</td></tr></table>`;
}

function renderEntry(entry: MailEntry): Html {
  const badge =
    entry.badge === null
      ? null
      : markup` <span class="badge" style="background-color:#fbe4e2;padding:1px 7px;${STYLED.badge}"
          >${entry.badge}</span
        >`;
  const name =
    entry.name === null
      ? null
      : markup`<strong>${entry.number === undefined ? null : `${entry.number}. `}${entry.name}</strong>${badge}<br />`;
  const lines = entry.lines.map(
    (line, index) =>
      markup`${index === 0 ? null : markup`<br />`}${line.when === null ? null : markup`<span class="soft" style="color:#5b6670">${line.when}</span> – `}${line.text}`,
  );
  return markup`<p class="ink" style="margin:0 0 12px;${STYLED.text}">${name}${lines}</p> `;
}
