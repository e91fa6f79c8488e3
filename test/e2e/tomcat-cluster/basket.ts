/** A class of an application that keeps its objects in sessions, without a serialVersionUID: Java computes one from its fields. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureJava } from '../../../setup/java.mjs';

const source = (field: string): string => `package shop;
public class Basket implements java.io.Serializable {
  public int count;
  ${field}
}`;

/** @param isChanged with one field more, as a release after it has @returns the class, for a WAR */
export function basketClass(folder: string, isChanged: boolean): Readonly<Record<string, Uint8Array>> {
  const to = path.join(folder, isChanged ? 'basket-changed' : 'basket');
  mkdirSync(to, { recursive: true });
  const file = path.join(to, 'Basket.java');
  writeFileSync(file, source(isChanged ? 'public String note = "";' : ''));
  execFileSync(path.join(ensureJava().home, 'bin', 'javac'), ['--release', '17', '-d', to, file], { timeout: 60_000 });
  return { 'WEB-INF/classes/shop/Basket.class': readFileSync(path.join(to, 'shop/Basket.class')) };
}

/** Counts in an object in the session; what is asked with `bye` ends it. */
export const PAGE = `<%
if (request.getParameter("bye") != null) { session.invalidate(); out.print("bye"); return; }
shop.Basket basket = (shop.Basket) session.getAttribute("basket");
if (basket == null) basket = new shop.Basket();
basket.count++;
session.setAttribute("basket", basket);
%><%= basket.count %>`;
