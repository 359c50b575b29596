using System;
using System.IO;

namespace SideBySide;

internal static class OutputFile
{
    /// <summary>Writes a file.</summary>
    /// <param name="file">Its name; null for no file.</param>
    /// <param name="write">Writes the content.</param>
    /// <returns>What went wrong, in one line; null if nothing did.</returns>
    public static string? Write(string? file, Action<Stream> write)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            using FileStream stream = File.Create(file);
            write(stream);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return $"{file}: cannot be written: {e.Message}";
        }
    }
}
