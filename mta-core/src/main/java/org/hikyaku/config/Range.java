package org.hikyaku.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The bounds of a setting, both included, as its comment in {@code conf/hikyaku.conf} tells them: {@code "1s to 1h"},
 * {@code "1 to 1000"}, {@code "64KiB to 1GiB"}. A whole number whose bounds are sizes is a size in octets.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {
    String value();
}
