/**
 * Parsers of a stranger's octets, given what no sane peer sends. {@link org.hikyaku.fuzz.Parser} is the list of them with what
 * must hold; {@code FuzzTest} mutates seeds without looking at coverage, in each build; {@code src-it/long/fuzz.sh} drives the
 * same bodies with Jazzer, for as long as one likes.
 */
@NullMarked
package org.hikyaku.fuzz;

import org.jspecify.annotations.NullMarked;
