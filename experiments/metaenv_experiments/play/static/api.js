// What the page asks of its server. A game that the server has forgotten comes back by its link.

let current = null; // the game as last seen

export class Problem extends Error {}

async function ask(path, body) {
  const options = body === undefined
    ? {}
    : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(`api/${path}`, options);
  } catch {
    throw new Problem("the server does not answer: is `metaenv play` still running?");
  }
  if (response.ok) return response;
  const { error, gone } = await response.json().catch(() => ({ error: response.statusText }));
  throw Object.assign(new Problem(error), { gone });
}

export const choices = async () => (await ask("choices")).json();

export async function begin(asked) {
  current = await (await ask("games", asked)).json();
  return current;
}

/** Something about the current game; `body` makes it a change. */
async function about(path, body) {
  try {
    return await ask(`games/${current.game}/${path}`, body);
  } catch (problem) {
    if (!problem.gone) throw problem;
    await begin({ link: current.link });
    return ask(`games/${current.game}/${path}`, body);
  }
}

async function change(path, body) {
  current = await (await about(path, body)).json();
  return current;
}

export const treat = (action, until) => change("visits", { action, until });
export const undo = () => change("undo", { visits: 1 });
export const playOn = (policy, until) => change("play-on", { policy, until });
export const advice = async () => (await (await about("advice")).json()).advice;
export const reveal = async () => (await about("reveal", {})).json();
export const table = async () => (await about("course.csv")).blob();
