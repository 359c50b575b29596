// Each case is what the kernel would show under /proc/self and where the hierarchies of control groups are mounted, written into a folder that stands for the root.

using System;
using System.Collections.Generic;
using System.IO;

using NativeHeap.Platform;
using NativeHeap.Tests.Recording;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>The limit of the container, read from the files that the kernel shows.</summary>
public sealed class ContainerLimitTests : IDisposable
{
    private const string Groups = "/proc/self/cgroup";
    private const string Mounts = "/proc/self/mountinfo";
    private const string Version2 = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
    private const string Version1 = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory";
    private const string NoLimitIn1 = "9223372036854771712\n";

    private static readonly Dictionary<string, (long? Expected, (string Path, string Text)[] Files)> s_cases = new()
    {
        ["nothing is shown"] = (null, []),
        ["no control groups"] = (null, [(Groups, ""), (Mounts, "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")]),
        ["version 2, in a container that sees itself as the root"] = (536870912,
            [(Groups, "0::/\n"), (Mounts, Version2), ("/sys/fs/cgroup/memory.max", "536870912\n")]),
        ["version 2, no limit"] = (null,
            [(Groups, "0::/a\n"), (Mounts, Version2), ("/sys/fs/cgroup/a/memory.max", "max\n")]),
        ["version 2, the group's own limit"] = (1000,
            [(Groups, "0::/a/b\n"), (Mounts, Version2), ("/sys/fs/cgroup/a/b/memory.max", "1000\n"), ("/sys/fs/cgroup/a/memory.max", "max\n")]),
        ["version 2, a lower one above"] = (2000,
            [(Groups, "0::/a/b/c\n"), (Mounts, Version2), ("/sys/fs/cgroup/a/b/c/memory.max", "9000"), ("/sys/fs/cgroup/a/b/memory.max", "max"), ("/sys/fs/cgroup/a/memory.max", "2000")]),
        ["version 2, another group's does not count"] = (null,
            [(Groups, "0::/a\n"), (Mounts, Version2), ("/sys/fs/cgroup/b/memory.max", "1000"), ("/sys/fs/cgroup/a/b/memory.max", "1000")]),
        ["version 2, a part is shown"] = (3000,
            [(Groups, "0::/pod/box\n"), (Mounts, "1 2 0:26 /pod /groups rw - cgroup2 none rw"), ("/groups/box/memory.max", "3000"), ("/groups/pod/box/memory.max", "1")]),
        ["version 2, a part whose name is the start of the group's"] = (4000,
            [(Groups, "0::/podium/box\n"), (Mounts, "1 2 0:26 /pod /groups rw - cgroup2 none rw"), ("/groups/memory.max", "4000"), ("/groups/ium/box/memory.max", "1")]),
        ["version 2, the group lies outside of what is shown"] = (5000,
            [(Groups, "0::/../other\n"), (Mounts, Version2), ("/sys/fs/cgroup/memory.max", "5000"), ("/sys/fs/other/memory.max", "1")]),
        ["version 2, a mount point with a space"] = (6000,
            [(Groups, "0::/a\n"), (Mounts, "1 2 0:26 / /my\\040groups rw - cgroup2 none rw"), ("/my groups/a/memory.max", "6000")]),
        ["version 1, the group's own limit"] = (7000,
            [(Groups, "12:cpu,cpuacct:/x\n4:memory:/a\n"), (Mounts, Version1), ("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "7000\n"), ("/sys/fs/cgroup/memory/memory.limit_in_bytes", NoLimitIn1)]),
        ["version 1, a lower one above"] = (7000,
            [(Groups, "4:memory:/a/b\n"), (Mounts, Version1), ("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "8000\n"), ("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "7000\n")]),
        ["version 1, no limit"] = (null,
            [(Groups, "4:memory:/a\n"), (Mounts, Version1), ("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", NoLimitIn1)]),
        ["version 1, no limit with pages of 64 KiB"] = (null,
            [(Groups, "4:memory:/\n"), (Mounts, Version1), ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854710272")]),
        ["version 1, the container's own group is mounted as the root"] = (8000,
            [(Groups, "4:memory:/docker/abc\n"), (Mounts, "1 2 0:32 /docker/abc /sys/fs/cgroup/memory ro master:1 master:2 - cgroup cgroup rw,memory"), ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "8000")]),
        ["version 1, controllers that share a hierarchy"] = (8500,
            [(Groups, "4:cpuset,memory:/a\n"), (Mounts, "1 2 0:32 / /sys/fs/cgroup/both rw - cgroup cgroup rw,cpuset,memory"), ("/sys/fs/cgroup/both/a/memory.limit_in_bytes", "8500")]),
        ["both versions, the lower limit"] = (9000,
            [(Groups, "4:memory:/a\n0::/a\n"), (Mounts, Version1 + "\n" + Version2), ("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9000"), ("/sys/fs/cgroup/a/memory.max", "9500")]),
        ["both versions, no memory controller in version 2"] = (9000,
            [(Groups, "4:memory:/a\n0::/\n"), (Mounts, "1 2 0:40 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n" + Version1), ("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9000")]),
        ["nonsense in the file"] = (null,
            [(Groups, "0::/a\n"), (Mounts, Version2), ("/sys/fs/cgroup/a/memory.max", "much\n"), ("/sys/fs/cgroup/memory.max", "-1")]),
        ["an empty file"] = (null, [(Groups, "0::/\n"), (Mounts, Version2), ("/sys/fs/cgroup/memory.max", "")]),
        ["nought, under which nothing could run"] = (null, [(Groups, "0::/\n"), (Mounts, Version2), ("/sys/fs/cgroup/memory.max", "0")]),
        ["a number over 64 bits"] = (null, [(Groups, "0::/\n"), (Mounts, Version2), ("/sys/fs/cgroup/memory.max", "99999999999999999999999")]),
        ["lines that are cut off"] = (10_000,
            [(Groups, "\n0:\n:::\n0::/a\n"), (Mounts, "\n1\n1 2 3 4 5 6 7\n1 2 0:26 / /x rw -\n1 2 0:26 / /x rw - cgroup2\n - - - - - - - - - -\n" + Version2), ("/sys/fs/cgroup/a/memory.max", "10000")]),
    };

    private readonly TemporaryFolder _root = new();

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    public void Dispose() => _root.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_lowest_limit_that_holds_for_the_process_is_read(string name)
    {
        (long? expected, (string Path, string Text)[] files) = s_cases[name];
        string root = _root.PathOf("root");
        foreach ((string path, string text) in files)
        {
            string file = root + path;
            _ = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        Assert.Equal(expected, ContainerLimit.ReadCgroups(root));
    }

    [Fact]
    public void A_folder_in_place_of_a_file_is_no_limit()
    {
        string root = _root.PathOf("root");
        _ = Directory.CreateDirectory(root + Groups);
        Assert.Null(ContainerLimit.ReadCgroups(root));
    }

    [Fact]
    public void This_machines_own_is_read_without_an_error()
    {
        long? limit = ContainerLimit.Read();
        Assert.True(limit is null or > 0);
    }
}
