package org.hikyaku.world;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What an exception of a file means, for people: those of the JDK often name the file alone, or their class. */
public final class FileTrouble {
    private FileTrouble() {}

    /** {@code file: reason}, of a rename {@code file -> new name: reason}; what is no error of a file system as it words itself. */
    public static String of(IOException e) {
        if (e instanceof FileSystemException file && file.getFile() != null) {
            String other = file.getOtherFile() == null ? "" : " -> " + file.getOtherFile();
            return file.getFile() + other + ": " + why(e);
        }
        return why(e);
    }

    /** The reason alone, where the file is named already. */
    public static String why(IOException e) {
        return switch (e) {
            case NoSuchFileException none -> "no such file or directory";
            case AccessDeniedException denied -> "permission denied";
            case FileAlreadyExistsException there -> "is there already";
            case NotDirectoryException file -> "not a directory";
            case DirectoryNotEmptyException full -> "the directory is not empty";
            case FileSystemException other when other.getReason() != null -> String.valueOf(other.getReason());
            case FileSystemException other -> other.toString(); // its message is the file alone
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }
}
