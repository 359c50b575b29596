using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>
/// A real control group with a limit on memory, for processes of this program. That takes a hierarchy that this process may write to, as root may where it is not in a container itself; else the test is skipped.
/// </summary>
internal sealed class ControlGroup : IDisposable
{
    // Of a file for the limit and one for the use, those of version 1 and of version 2.
    private static readonly (string Limit, string Use)[] s_names = [("memory.limit_in_bytes", "memory.usage_in_bytes"), ("memory.max", "memory.current")];

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly string _use;

    public ControlGroup(long limit)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Control groups are Linux's.");
        foreach (string hierarchy in (string[])["/sys/fs/cgroup/memory", "/sys/fs/cgroup"])
        {
            string folder = Path.Join(hierarchy, $"nativeheap-test-{Environment.ProcessId}");
            try
            {
                _ = Directory.CreateDirectory(folder);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            foreach ((string name, string use) in s_names)
            {
                if (TrySetLimit(Path.Join(folder, name), limit) && MayEnter(folder))
                {
                    (_folder, _use) = (folder, Path.Join(folder, use));
                    return;
                }
            }

            Delete(folder);
        }

        Assert.Skip("This process may not make a control group with a memory limit.");
        (_folder, _use) = ("", "");
    }

    /// <summary>The file in which the system says how much is in use.</summary>
    public string UseFile => _use;

    /// <summary>The command that runs a command in the group.</summary>
    public ProcessStartInfo Contain(ProcessStartInfo command)
    {
        ProcessStartInfo contained = new("/bin/sh", ["-c", "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"", _folder, command.FileName, .. command.ArgumentList]);
        foreach ((string variable, string? value) in command.Environment)
        {
            contained.Environment[variable] = value;
        }

        return contained;
    }

    public void Dispose() => Delete(_folder);

    // Where there is a memory controller, this group has one.
    private static bool TrySetLimit(string file, long limit)
    {
        try
        {
            if (File.Exists(file))
            {
                File.WriteAllText(file, limit.ToString(CultureInfo.InvariantCulture));
                return true;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }

        return false;
    }

    // A group may be made and limited, and still be closed to the processes of another.
    private static bool MayEnter(string folder) => ThisProgram.Run(new ProcessStartInfo("/bin/sh", ["-c", "echo $$ > \"$0/cgroup.procs\"", folder])).Exit == 0;

    // The kernel counts a process in for a moment after it has ended.
    private static void Delete(string folder)
    {
        bool isGone = SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    Directory.Delete(folder);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            s_patience);
        Assert.True(isGone, $"The control group {folder} still has processes in it.");
    }
}
