// What the process's user sets from outside, read in this one place and, by those who ask, once, at the start.
//
//     setting MaximumBytes  =  environment variable NATIVEHEAP_MAXIMUM_BYTES, or else  AppContext's NativeHeap.MaximumBytes
//
// AppContext is where a project file or runtimeconfig.json puts what its author wants; the environment is closer to whoever runs the program, so it wins.
// An empty value counts as none. A value that makes no sense is an error that names it: a limit misspelt must not be a limit ignored.

using System;
using System.Globalization;
using System.Linq;
using System.Text;

namespace NativeHeap.Platform;

/// <summary>Reads the settings of the process.</summary>
internal static class Settings
{
    private const string AppContextPrefix = "NativeHeap.";
    private const string EnvironmentPrefix = "NATIVEHEAP";

    /// <summary>The text of a setting.</summary>
    /// <param name="name">Its name, such as <c>MaximumBytes</c>.</param>
    /// <returns>The text, or null if it is not set.</returns>
    public static string? Read(string name)
    {
        string? text = Environment.GetEnvironmentVariable(EnvironmentNameOf(name));
        text = string.IsNullOrWhiteSpace(text) ? AppContext.GetData(AppContextPrefix + name)?.ToString() : text;
        return string.IsNullOrWhiteSpace(text) ? null : text.Trim();
    }

    /// <summary>A number of bytes, which may end in K, M, G or T for powers of 1,024.</summary>
    /// <param name="name">The setting's name.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most that it may be.</param>
    /// <returns>The number, or null if it is not set.</returns>
    /// <exception cref="InvalidOperationException">It is no such number.</exception>
    public static long? ReadBytes(string name, long least = 0, long most = long.MaxValue)
    {
        string? text = Read(name);
        return text == null ? null
            : ParseBytes(text) is { } bytes && bytes >= least && bytes <= most ? bytes
            : throw Wrong(name, text, string.Create(
                CultureInfo.InvariantCulture,
                $"a number of bytes{(most == long.MaxValue ? "" : $" from {least:N0} to {most:N0}")} such as 536870912, 512M or 2G"));
    }

    /// <summary>A number of bytes from 2 up, which may end in K, M, G or T, or a switch that turns a usual number on.</summary>
    /// <param name="name">The setting's name.</param>
    /// <param name="usual">What it is when it is only on.</param>
    /// <returns>The number, 0 if it is off, or null if it is not set.</returns>
    /// <exception cref="InvalidOperationException">It is neither.</exception>
    public static long? ReadBytesOrSwitch(string name, long usual)
    {
        string? text = Read(name);
        return text == null ? null
            : text == "1" || string.Equals(text, "true", StringComparison.OrdinalIgnoreCase) || string.Equals(text, "default", StringComparison.OrdinalIgnoreCase) ? usual
            : text == "0" || string.Equals(text, "false", StringComparison.OrdinalIgnoreCase) ? 0
            : ParseBytes(text) ?? throw Wrong(name, text, "true, false, or a number of bytes such as 67108864 or 64M");
    }

    /// <summary>A whole number.</summary>
    /// <param name="name">The setting's name.</param>
    /// <param name="most">The most that it may be.</param>
    /// <returns>The number, or null if it is not set.</returns>
    /// <exception cref="InvalidOperationException">It is none from 0 to <paramref name="most"/>.</exception>
    public static int? ReadNumber(string name, int most)
    {
        string? text = Read(name);
        return text == null ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most ? number
            : throw Wrong(name, text, string.Create(CultureInfo.InvariantCulture, $"a whole number from 0 to {most}"));
    }

    /// <summary>Something that is on or off.</summary>
    /// <param name="name">The setting's name.</param>
    /// <returns>Whether it is on, or null if it is not set.</returns>
    /// <exception cref="InvalidOperationException">It is neither true nor false, nor 1 nor 0.</exception>
    public static bool? ReadSwitch(string name)
    {
        string? text = Read(name);
        return text == null ? null
            : text == "1" || string.Equals(text, "true", StringComparison.OrdinalIgnoreCase) ? true
            : text == "0" || string.Equals(text, "false", StringComparison.OrdinalIgnoreCase) ? false
            : throw Wrong(name, text, "true, false, 1 or 0");
    }

    /// <summary>One of the names of an enumeration, in any case.</summary>
    /// <param name="name">The setting's name.</param>
    /// <returns>The value, or null if it is not set.</returns>
    /// <exception cref="InvalidOperationException">There is no such name.</exception>
    public static T? ReadChoice<T>(string name)
        where T : struct, Enum
    {
        string? text = Read(name);
        return text == null ? null
            : !char.IsAsciiDigit(text[0]) && text[0] != '-' && Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) ? value
            : throw Wrong(name, text, $"one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    /// <summary>One or several of the names of an enumeration, in any case, with commas between them.</summary>
    /// <param name="name">The setting's name.</param>
    /// <returns>The value, or null if it is not set.</returns>
    /// <exception cref="InvalidOperationException">There is no such name.</exception>
    public static T? ReadFlags<T>(string name)
        where T : struct, Enum
    {
        string? text = Read(name);
        return text == null ? null
            : !text.Any(char.IsAsciiDigit) && Enum.TryParse(text, ignoreCase: true, out T value) ? value
            : throw Wrong(name, text, $"one or, with commas between them, several of {string.Join(", ", Enum.GetNames<T>())}");
    }

    /// <summary>The environment variable of a setting: <c>MaximumBytes</c> is <c>NATIVEHEAP_MAXIMUM_BYTES</c>.</summary>
    public static string EnvironmentNameOf(string name)
    {
        StringBuilder variable = new(EnvironmentPrefix);
        foreach (char letter in name)
        {
            if (char.IsAsciiLetterUpper(letter))
            {
                _ = variable.Append('_');
            }

            _ = variable.Append(char.ToUpperInvariant(letter));
        }

        return variable.ToString();
    }

    private static long? ParseBytes(string text)
    {
        int shift = char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= long.MaxValue >> shift ? number << shift : null;
    }

    private static InvalidOperationException Wrong(string name, string text, string wanted) =>
        new($"The setting {EnvironmentNameOf(name)} (AppContext {AppContextPrefix}{name}) is '{text}'. It must be {wanted}, or not set.");
}
