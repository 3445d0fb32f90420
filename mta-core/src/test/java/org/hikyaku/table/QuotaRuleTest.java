package org.hikyaku.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class QuotaRuleTest {
    private static QuotaRule.Said read(String extra) {
        return QuotaRule.read("anna@example.org:{SCRAM}x:1000:1000:Anna:/home/anna:/bin/sh:" + extra);
    }

    private static QuotaRule.Told told(long octets) {
        return new QuotaRule.Told(OptionalLong.of(octets));
    }

    @Test
    void dovecotsRuleForAllFoldersIsTheQuota() {
        assertThat(read("userdb_quota_rule=*:storage=1G")).isEqualTo(told(1L << 30));
        assertThat(read("nologin quota_rule=*:messages=10:storage=500M x=y")).isEqualTo(told(500L << 20));
        assertThat(read("quota_rule=*:storage=10")).isEqualTo(told(10_240)); // bare: kilobytes
        assertThat(read("quota_rule=*:bytes=10")).isEqualTo(told(10));
        assertThat(read("userdb_quota_storage_size=2T")).isEqualTo(told(2L << 40));
        assertThat(read("userdb_quota_rule=*:storage=0")).isEqualTo(told(0));
    }

    @Test
    void whatSaysNothingOfTheWholeMailboxIsNone() {
        for (String extra :
                new String[] {"", "userdb_quota_rule=Trash:storage=+100M", "userdb_quota_rule=*:messages=5"}) {
            assertThat(read(extra)).as(extra).isEqualTo(new QuotaRule.Told(OptionalLong.empty()));
        }
        assertThat(QuotaRule.read("anna:quota_rule=*:storage=1G")).isEqualTo(new QuotaRule.Told(OptionalLong.empty()));
    }

    @Test
    void whatIsNoSizeIsAnError() {
        assertThat(read("quota_rule=*:storage=much")).isInstanceOf(QuotaRule.Wrong.class);
        assertThat(read("quota_rule=*:storage=999999999999T")).isInstanceOf(QuotaRule.Wrong.class);
    }
}
