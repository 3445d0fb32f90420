package org.hikyaku.smtp.client;

import java.time.Duration;

/** How long each answer is waited for (RFC 5321 4.5.3.2). */
public record Patience(
        Duration greeting,
        Duration hello,
        Duration mail,
        Duration recipient,
        Duration dataStart,
        Duration dataBlock,
        Duration dataEnd,
        Duration quit) {}
