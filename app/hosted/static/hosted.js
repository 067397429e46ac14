// Takes the one-time code out of the address and sends it, with what the form holds, when the button is pressed.
"use strict";

const form = document.getElementById("form");
const send = document.getElementById("send");
const problem = document.getElementById("problem");
const token = new URLSearchParams(location.hash.slice(1)).get("token");

// Kept out of the history and of what a screen shows; nothing is sent before the button is pressed.
history.replaceState(null, "", location.pathname);

const SAYINGS = {
  invalid_code: "This link has been used already, or is too old. Ask for a new mail and use the newest one.",
  rate_limited: "Too many tries from your network. Wait a little, then press the button again.",
  temporarily_unavailable: "The service is busy. Wait a moment, then press the button again.",
  storage_full: "The service cannot save anything just now. Please try again later.",
  client_not_found: "This account's service is closed at the moment.",
};

function show(element, text) {
  if (text !== undefined) element.textContent = text;
  element.hidden = false;
}

function finish(text) {
  document.getElementById("asking").hidden = true;
  const done = document.getElementById("done");
  show(done, text);
  const onward = document.getElementById("onward");
  if (onward) show(onward);
  done.focus();
}

// Whoever helps to run the client is told where the console is: the answer names it, nothing before it does.
function tellConsole(answer) {
  const link = answer.headers.get("Link")?.match(/<([^>]+)>/);
  const place = document.getElementById("console");
  if (!link || !place) return;
  const name = place.querySelector("code");
  place.querySelector("a").href = link[1];
  if (name) name.textContent = new URL(link[1]).searchParams.get("client");
  show(place);
}

function say(field, messages) {
  const input = document.getElementById(field);
  const place = document.getElementById(`${field}-error`);
  if (!input || !place) return false;
  input.setAttribute("aria-invalid", messages.length ? "true" : "false");
  place.textContent = messages.join(" ");
  return messages.length > 0;
}

function explain(answer) {
  if (answer.code === "mfa_enrollment_required") {
    finish("Your account is ready. You can close this page; when you log in, you will set up a second factor.");
    return;
  }
  if (answer.code === "mfa_required") {
    finish("Your account is ready. You can close this page and log in.");
    return;
  }
  const named = Object.entries(answer.errors || {}).filter(([field, messages]) => say(field, messages));
  if (named.length) {
    document.getElementById(named[0][0]).focus();
    return;
  }
  show(problem, SAYINGS[answer.code] || answer.detail || "This did not work. Please try again later.");
}

function given() {
  const body = { token };
  for (const input of form.querySelectorAll("input")) {
    say(input.name, []);
    if (input.value) body[input.name] = input.value;
  }
  return body;
}

async function submit(event) {
  event.preventDefault();
  problem.hidden = true;
  const body = given();
  const asked = form.dataset.asks;
  if (asked && !body[asked]) {
    say(asked, ["Choose a password."]);
    document.getElementById(asked).focus();
    return;
  }
  send.disabled = true;
  try {
    const answer = await fetch(form.dataset.call, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    tellConsole(answer);
    if (answer.status === 200) await leave(await answer.json());
    if (answer.ok) finish();
    else explain(await answer.json());
  } catch {
    show(problem, "The service could not be reached. Check your connection, then press the button again.");
  } finally {
    send.disabled = false;
  }
}

// This page is not the product: a session that the call has begun would only lie about, so it is ended at once.
async function leave({ access_token }) {
  if (!access_token) return;
  await fetch(form.dataset.logout, {
    method: "POST",
    headers: { Authorization: `Bearer ${access_token}` },
    credentials: "omit",
    referrerPolicy: "no-referrer",
  }).catch(() => {});
}

function reveal(event) {
  const input = document.getElementById(form.dataset.asks);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  event.currentTarget.setAttribute("aria-pressed", String(shown));
  event.currentTarget.textContent = shown ? "Hide" : "Show";
}

if (token) {
  form.addEventListener("submit", submit);
  document.getElementById("reveal")?.addEventListener("click", reveal);
} else {
  document.getElementById("asking").hidden = true;
  show(document.getElementById("missing"));
}
