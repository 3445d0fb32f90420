package org.hikyaku.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FileTroubleTest {
    @Test
    void theReasonIsToldBesideTheFile() {
        assertThat(FileTrouble.of(new NoSuchFileException("/a/b"))).isEqualTo("/a/b: no such file or directory");
        assertThat(FileTrouble.of(new AccessDeniedException("/a/b"))).isEqualTo("/a/b: permission denied");
        assertThat(FileTrouble.why(new AccessDeniedException("/a/b"))).isEqualTo("permission denied");
        assertThat(FileTrouble.of(new FileSystemException("/a/b", null, "Is a directory")))
                .isEqualTo("/a/b: Is a directory");
        assertThat(FileTrouble.of(new FileSystemException("/a/b", "/c/d", "Invalid cross-device link")))
                .isEqualTo("/a/b -> /c/d: Invalid cross-device link");
    }

    @Test
    void whatIsNoErrorOfAFileSystemKeepsItsWords() {
        assertThat(FileTrouble.of(new IOException("the archive broke off"))).isEqualTo("the archive broke off");
        assertThat(FileTrouble.of(new EOFException())).isEqualTo("java.io.EOFException");
    }
}
