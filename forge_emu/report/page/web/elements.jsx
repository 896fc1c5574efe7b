// Parts that many sections use. Text of an app is only ever a text child: nothing here makes HTML of it.

import { Fragment } from 'preact';
import { toWords } from './format.js';

export function Section({ id, title, note, children }) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  );
}

// Text in `backticks` becomes code.
export const WithCode = ({ text }) =>
  text.split('`').map((part, i) => (i % 2 ? <code key={i}><Words text={part} /></code> : part));

// A long name may break behind its separators, and not in the middle of a word.
export const Words = ({ text }) =>
  text.split(/(?<=[./:_\-])(?=[A-Za-z])/).map((part, i) => <Fragment key={i}>{i > 0 && <wbr />}{part}</Fragment>);

export function Legend({ entries }) {
  return (
    <ul class="legend">
      {entries.filter(Boolean).map(([name, shape, text]) => (
        <li key={text}><span class={`swatch ${shape} c-${name}`} aria-hidden="true" />{text}</li>
      ))}
    </ul>
  );
}

// A place in the app's code; a link where the page knows how to open it in an editor.
export function Place({ run, place }) {
  const href = editorLink(run.about, place);
  const name = <Words text={place} />;
  return href ? <a class="spot" href={href} title="Open in the editor"><code>{name}</code></a> : <code class="spot">{name}</code>;
}

// src/index.js:3:10 -> vscode://file/home/me/app/src/index.js:3:10
function editorLink({ root, editor_link: link }, place) {
  const found = /^([^:]+?):(\d+)(?::(\d+))?$/.exec(place);
  if (!root || !link || !found) return null;
  const path = found[1].startsWith('/') ? found[1] : `${root}/${found[1]}`;
  const values = { path: encodeURI(path.startsWith('/') ? path : `/${path}`).replaceAll('?', '%3F').replaceAll('#', '%23'), line: found[2], column: found[3] ?? '1' };
  return link.replace(/\{(path|line|column)\}/g, (_, name) => values[name]);
}

// The text of an error with the place behind it, as the builder puts it: `TypeError: no (src/a.js:3:1)`.
export function ErrorText({ run, text }) {
  const found = /^(.*) \(([^()]+:\d+(?::\d+)?)\)$/s.exec(text);
  return found ? <>{found[1]} <Place run={run} place={found[2]} /></> : text;
}

export const RefusedBy = ({ name }) => <>met <code><Words text={name} /></code></>;

export const StateName = ({ state, reason }) => <span class={`state is-${state}`}>{state}{reason ? ` (${toWords(reason)})` : ''}</span>;
